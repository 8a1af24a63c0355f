/**
 * An event log in memory that keeps the same promises as JetStream, and breaks a connection in the ways that a
 * network does. One log, any number of connections (one per host), each with faults of its own.
 */
import type { AppendResult, EventLog, LogMessage } from '../../../stores/event-log.ts';

export type LogFault =
  /** Stored, but the acknowledgement is lost. */
  | 'lost-landed'
  /** Never reached the log. */
  | 'lost-not-landed'
  /** Told as lost, and reaches the log later (`deliverLate`), if nothing has taken its place. */
  | 'lands-late'
  /** Another writer comes first. */
  | 'overtaken';

export type LogFaults = {
  /** Asked once for each append. */
  readonly onAppend?: (subject: string) => LogFault | undefined;
  /** Waited for on the way to the log and on the way back: delays and reorders. */
  readonly travel?: (leg: 'request' | 'answer') => Promise<void>;
  /** True: this read fails. */
  readonly onRead?: (subject: string) => boolean;
  /** How many of the newest messages the replica that answers a direct read does not have yet. */
  readonly lag?: () => number;
};

type Stored = LogMessage & { readonly headers: Readonly<Record<string, string>> };

export class MemoryLog {
  readonly #subjects = new Map<string, Stored[]>();
  #sequence = 0;
  #late: (() => void)[] = [];

  connect(faults: LogFaults = {}): EventLog {
    const { onAppend = () => undefined, onRead = () => false, lag = () => 0, travel = async () => {} } = faults;
    const replica = (subject: string): readonly LogMessage[] => {
      const history = this.history(subject);
      return history.slice(0, Math.max(history.length - lag(), 0));
    };
    const readable = async <T>(subject: string, value: () => T): Promise<T> => {
      await travel('request');
      if (onRead(subject)) throw new Error('read lost');
      const read = value();
      await travel('answer');
      return read;
    };
    return {
      append: async (_stream, subject, data, expected, headers = {}) => {
        await travel('request');
        const result = this.#append(onAppend(subject), subject, data, expected, headers);
        await travel('answer');
        return result;
      },
      last: (_stream, subject, { fromLeader = false } = {}) =>
        readable(subject, () => (fromLeader ? this.history(subject) : replica(subject)).at(-1)),
      read: (_stream, subject, from, before = Number.POSITIVE_INFINITY) =>
        readable(subject, () => replica(subject).filter(({ sequence }) => sequence >= from && sequence < before)),
      close: async () => {},
    };
  }

  history(subject: string): readonly LogMessage[] {
    return this.#subjects.get(subject) ?? [];
  }

  get subjects(): readonly string[] {
    return [...this.#subjects.keys()];
  }

  /** What was under way (`lands-late`) arrives now. */
  deliverLate(): void {
    const late = this.#late;
    this.#late = [];
    for (const deliver of late) deliver();
  }

  #append(
    fault: LogFault | undefined,
    subject: string,
    data: Uint8Array | string,
    expected: number,
    headers: Readonly<Record<string, string>>,
  ): AppendResult {
    const lost: AppendResult = { outcome: 'unknown', cause: new Error('ack lost') };
    switch (fault) {
      case 'overtaken':
        return { outcome: 'conflict' };
      case 'lost-not-landed':
        return lost;
      case 'lands-late':
        this.#late.push(() => this.#store(subject, data, expected, headers));
        return lost;
      case 'lost-landed':
        this.#store(subject, data, expected, headers);
        return lost;
      case undefined:
        return this.#store(subject, data, expected, headers);
    }
  }

  #store(
    subject: string,
    data: Uint8Array | string,
    expected: number,
    headers: Readonly<Record<string, string>>,
  ): AppendResult {
    const history = this.#subjects.get(subject) ?? [];
    if ((history.at(-1)?.sequence ?? 0) !== expected) return { outcome: 'conflict' };
    this.#sequence += 1;
    history.push({
      subject,
      sequence: this.#sequence,
      time: this.#sequence,
      data: Buffer.from(data),
      headers,
      header: (name) => headers[name],
    });
    this.#subjects.set(subject, history);
    return { outcome: 'appended', sequence: this.#sequence };
  }
}
