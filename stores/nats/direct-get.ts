/**
 * Reading a subject's messages without a consumer: direct get (answered by any replica, ADR-31) for the last one
 * and for batches, the stream's leader when a replica's lag would matter.
 */
import type { Msg } from '@nats-io/nats-core';
import type { LogMessage } from '../event-log.ts';
import type { Exchange, ReplyInbox } from './reply-inbox.ts';

const NOT_FOUND = 404;
const END_OF_BATCH = 204;

/** The server said that it cannot answer: no such stream, no JetStream now. */
export class LogReadFailed extends Error {
  readonly code = 'log-read-failed';
  readonly retryable = true;
  constructor(subject: string, status: string, options?: { cause?: unknown }) {
    super(`${subject}: ${status}`, options);
    this.name = 'LogReadFailed';
  }
}

/** A message as direct get delivers it: where it was stored stands in its headers. */
function stored(message: Msg, subject: string): LogMessage {
  const headers = message.headers;
  return {
    subject,
    sequence: Number(headers?.get('Nats-Sequence')),
    get time() {
      return Date.parse(headers?.get('Nats-Time-Stamp') ?? '');
    },
    data: message.data,
    header: (name) => (headers?.has(name) ? headers.get(name) : undefined),
  };
}

export function lastBySubject(inbox: ReplyInbox, stream: string, subject: string): Promise<LogMessage | undefined> {
  return new Promise((resolve, reject) => {
    inbox.send(`$JS.API.DIRECT.GET.${stream}.${subject}`, '', undefined, {
      onReply: (message) => {
        const code = message.headers?.code ?? 0;
        if (code === 0) resolve(stored(message, subject));
        else if (code === NOT_FOUND) resolve(undefined);
        else reject(new LogReadFailed(subject, message.headers?.status ?? ''));
        return true;
      },
      onLost: (cause) => reject(new LogReadFailed(subject, 'no answer', { cause })),
    });
  });
}

type Batch = { readonly messages: readonly LogMessage[]; readonly more: boolean };

/** What one request of a batch may bring. */
const BATCH = 1_024;

export async function fromSequence(
  inbox: ReplyInbox,
  stream: string,
  subject: string,
  from: number,
  before = Number.POSITIVE_INFINITY,
): Promise<readonly LogMessage[]> {
  const all: LogMessage[] = [];
  let next = Math.max(from, 1);
  for (;;) {
    const { messages, more } = await batch(inbox, stream, subject, next);
    for (const message of messages) if (message.sequence < before) all.push(message);
    const last = messages.at(-1);
    if (!more || last === undefined || last.sequence + 1 >= before) return all;
    next = last.sequence + 1;
  }
}

const batch = (inbox: ReplyInbox, stream: string, subject: string, from: number): Promise<Batch> =>
  new Promise((resolve, reject) => {
    const request = JSON.stringify({ seq: from, next_by_subj: subject, batch: BATCH });
    inbox.send(`$JS.API.DIRECT.GET.${stream}`, request, undefined, new BatchExchange(subject, resolve, reject));
  });

class BatchExchange implements Exchange {
  readonly #subject: string;
  readonly #resolve: (batch: Batch) => void;
  readonly #reject: (cause: Error) => void;
  readonly #messages: LogMessage[] = [];

  constructor(subject: string, resolve: (batch: Batch) => void, reject: (cause: Error) => void) {
    this.#subject = subject;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onReply(message: Msg): boolean {
    const code = message.headers?.code ?? 0;
    if (code === 0) {
      this.#messages.push(stored(message, this.#subject));
      return false;
    }
    if (code === END_OF_BATCH) {
      // The server may stop short of `batch`; it says how many it still has.
      this.#resolve({ messages: this.#messages, more: Number(message.headers?.get('Nats-Num-Pending') ?? 0) > 0 });
    } else if (code === NOT_FOUND) {
      this.#resolve({ messages: this.#messages, more: false });
    } else {
      this.#reject(new LogReadFailed(this.#subject, message.headers?.status ?? ''));
    }
    return true;
  }

  onLost(cause: Error): void {
    this.#reject(new LogReadFailed(this.#subject, 'no answer', { cause }));
  }
}

type LeaderAnswer = {
  readonly message?: { readonly seq: number; readonly time: string; readonly data?: string; readonly hdrs?: string };
  readonly error?: { readonly code: number; readonly description?: string };
};

export function lastFromLeader(inbox: ReplyInbox, stream: string, subject: string): Promise<LogMessage | undefined> {
  return new Promise((resolve, reject) => {
    inbox.send(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ last_by_subj: subject }), undefined, {
      onReply: (reply) => {
        try {
          resolve(leaderMessage(reply, subject));
        } catch (cause) {
          reject(cause instanceof LogReadFailed ? cause : new LogReadFailed(subject, 'unreadable answer', { cause }));
        }
        return true;
      },
      onLost: (cause) => reject(new LogReadFailed(subject, 'no answer', { cause })),
    });
  });
}

function leaderMessage(reply: Msg, subject: string): LogMessage | undefined {
  if (reply.data.length === 0) throw new LogReadFailed(subject, reply.headers?.status ?? 'empty answer');
  const { message, error } = reply.json<LeaderAnswer>();
  if (error?.code === NOT_FOUND && error.description === 'no message found') return undefined;
  if (message === undefined) throw new LogReadFailed(subject, error?.description ?? 'no message');
  const headers =
    message.hdrs === undefined ? [] : Buffer.from(message.hdrs, 'base64').toString('latin1').split('\r\n');
  return {
    subject,
    sequence: message.seq,
    time: Date.parse(message.time),
    data: Buffer.from(message.data ?? '', 'base64'),
    header: (name) =>
      headers
        .find((line) => line.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim(),
  };
}
