/**
 * What a reactor could not do, kept with its error until a person sends it back (`npm run redrive`). A letter on its way
 * back is a message of stream REDRIVE, which the same reactor reads; fails it again, a new letter is written.
 */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { CONSUMERS } from '../../config/streams.ts';
import { subjects } from '../../config/subjects.ts';
import type { JetStreamPublisher } from '../../stores/nats/publisher.ts';
import type { Message, Source } from './source.ts';

export type DeadLetter = {
  readonly consumer: string;
  readonly step: string;
  readonly stream: string;
  readonly sequence: number;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The message as it was: JSON, for all that is read here. */
  readonly body: string;
  readonly error: { readonly name: string; readonly message: string; readonly code?: string };
  readonly tries: number;
  /** ISO 8601. */
  readonly at: string;
};

/** The step of a message that could not be read at all. */
export const UNREAD = 'read';

const KEPT_HEADERS = ['Nats-Marker-Reason'] as const;
const utf8 = new TextDecoder();

/** False: not stored, or not known to be. */
export async function bury(
  publisher: Pick<JetStreamPublisher, 'publish'>,
  source: Pick<Source, 'name' | 'stream'>,
  message: Message,
  failure: { readonly step: string; readonly error: unknown; readonly tries: number },
): Promise<boolean> {
  const { error, step, tries } = failure;
  const { name, message: text, code }: NodeJS.ErrnoException = error instanceof Error ? error : new Error(`${error}`);
  const letter: DeadLetter = {
    consumer: source.name,
    step,
    stream: source.stream,
    sequence: message.sequence,
    subject: message.subject,
    headers: Object.fromEntries(
      KEPT_HEADERS.flatMap((header) => {
        const value = message.header(header);
        return value === undefined ? [] : [[header, value]];
      }),
    ),
    body: utf8.decode(message.data),
    error: { name, message: text, ...(code === undefined ? {} : { code }) },
    tries,
    at: new Date().toISOString(),
  };
  const result = await publisher.publish(subjects.dead(source.name), JSON.stringify(letter));
  return result.outcome === 'stored';
}

/** The way back: the same reading, but only the step that failed is done. */
export function redriveSource(source: Source): Source {
  return {
    name: source.name,
    stream: source.stream,
    read(message) {
      const { step } = letterIn(message.data);
      const { lane, steps } = source.read(asMessage(message));
      return { lane, steps: step === UNREAD ? steps : steps.filter(({ name }) => name === step) };
    },
  };
}

const letterIn = (data: Uint8Array): DeadLetter => JSON.parse(utf8.decode(data));

/** The message that a letter is about. */
export function asMessage({ data }: Pick<Message, 'data'>): Message {
  const { subject, body, headers, sequence } = letterIn(data);
  return { subject, sequence, data: Buffer.from(body), header: (name) => headers[name] };
}

/** Others (a projection's) are for people to read: a rebuild puts right what they tell of. */
export const canBeRedriven = ({ consumer }: DeadLetter): boolean =>
  CONSUMERS.some(({ durable_name }) => durable_name === `${consumer}-redrive`);

export type StoredLetter = { readonly letter: DeadLetter; readonly sequence: number };

/** Oldest first. */
export async function* deadLetters(nc: NatsConnection, consumer?: string): AsyncGenerator<StoredLetter> {
  const subject = subjects.dead(consumer ?? '*');
  const jsm = await jetstreamManager(nc);
  const { state } = await jsm.streams.info('DEAD_LETTERS', { subjects_filter: subject });
  let left = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  if (left === 0) return;
  const ordered = await jetstream(nc).consumers.get('DEAD_LETTERS', { filter_subjects: [subject] });
  while (left > 0) {
    for await (const message of await ordered.fetch({ max_messages: Math.min(left, 100), expires: 5_000 })) {
      left--;
      yield { letter: message.json<DeadLetter>(), sequence: message.seq };
    }
  }
}

/** To its reactor again. Stored there before it is taken out here: a crash in between sends it twice, which is harmless. */
export async function redrive(
  nc: NatsConnection,
  publisher: Pick<JetStreamPublisher, 'publish'>,
  { letter, sequence }: StoredLetter,
): Promise<void> {
  const result = await publisher.publish(subjects.redrive(letter.consumer), JSON.stringify(letter));
  if (result.outcome !== 'stored') throw new Error(`letter ${sequence} was not sent back`, { cause: result });
  const jsm = await jetstreamManager(nc);
  await jsm.streams.deleteMessage('DEAD_LETTERS', sequence, false);
}
