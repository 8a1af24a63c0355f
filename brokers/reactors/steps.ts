/** A message's steps as one piece of work: in order, each in bounded time, tried again as its failure asks for, or buried. */
import type { Logger } from 'pino';
import type { JetStreamPublisher } from '../../stores/nats/publisher.ts';
import { bury, UNREAD } from './dead-letters.ts';
import type { Work } from './lanes.ts';
import { type Patience, retryAfter } from './retries.ts';
import type { Message, Source, Step } from './source.ts';

export type StepsContext = {
  readonly publisher: Pick<JetStreamPublisher, 'publish'>;
  readonly source: Pick<Source, 'name' | 'stream'>;
  readonly patience: Patience;
  readonly log: Pick<Logger, 'warn' | 'error'>;
};

export type Steps = {
  readonly lane: string;
  readonly steps: readonly Step[];
  /** For the letter to the dead. */
  readonly message: Message;
  /** All steps are done or buried. */
  readonly done: () => void;
};

export function workOn(
  { publisher, source, patience, log }: StepsContext,
  { lane, steps, message, done }: Steps,
): Work {
  let next = 0;
  let tries = 0;
  const run = async (): Promise<number | undefined> => {
    for (; next < steps.length; next++) {
      const step = steps[next] as Step;
      try {
        await inTime(step.run(), patience.stepMs);
      } catch (error) {
        tries++;
        const wait = retryAfter(error, tries, patience);
        const about = { reactor: source.name, lane, step: step.name, sequence: message.sequence, tries, err: error };
        if (wait !== undefined) {
          if (wait.counted) log.warn({ event: 'reaction-failed', ...about, retryInMs: Math.round(wait.ms) });
          else tries--;
          return wait.ms;
        }
        log.error({ event: 'reaction-buried', ...about });
        if (!(await bury(publisher, source, message, { step: step.name, error, tries }))) {
          tries--;
          return patience.mostMs;
        }
      }
      tries = 0;
    }
    done();
    return undefined;
  };
  return { lane, run };
}

/** The one step of a message that makes no sense: it is buried. */
export const unreadable = (subject: string, cause: unknown): Step => ({
  name: UNREAD,
  run: () => Promise.reject(new Unreadable(subject, { cause })),
});

class Unreadable extends Error {
  readonly code = 'unreadable';
  readonly retryable = false;
  constructor(subject: string, options: { cause: unknown }) {
    super(`${subject}: ${options.cause instanceof Error ? options.cause.message : 'unreadable'}`, options);
    this.name = 'Unreadable';
  }
}

/** A step that hangs is given up on; its lane goes on, and what it still does is harmless as any repeat. */
function inTime(step: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
    step.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
