/** Many actors on disk in little time: a real history is read from its stream, and written again under other ids. */

import { SNAPSHOT_HEADER } from '../../actors/runtime/commit.ts';
import { decodeCommit } from '../../actors/runtime/commit-encoding.ts';
import { streamOf, subjects } from '../../config/subjects.ts';
import type { EventLog } from '../../stores/event-log.ts';
import { side } from '../demo/sale.ts';

export type History = {
  readonly kind: string;
  readonly id: string;
  readonly commits: readonly Commit[];
  readonly events: number;
};

type Commit = {
  readonly json: string;
  /** Which of the commits before it its header points at. */
  readonly snapshot: number | undefined;
};

const AT_ONCE = 512;

export async function readHistory(log: EventLog, kind: string, id: string): Promise<History> {
  const messages = await log.read(streamOf(kind), subjects.actor(kind, id), 0);
  if (messages.length === 0) throw new Error(`${kind} ${id} has no history`);
  const places = new Map(messages.map(({ sequence }, n) => [String(sequence), n]));
  const events = messages.flatMap(({ data }) => decodeCommit(data).entries.flatMap((entry) => entry.events));
  return {
    kind,
    id,
    events: events.length,
    commits: messages.map(({ data, header }) => ({
      json: Buffer.from(data).toString(),
      snapshot: places.get(header(SNAPSHOT_HEADER) ?? ''),
    })),
  };
}

/** `idOf(n)`: of the n-th copy; `rename(n)`: what else in it must be its own, as old and new. */
export async function copies(
  log: EventLog,
  { kind, id, commits }: History,
  count: number,
  idOf: (n: number) => string,
  rename: (n: number) => readonly (readonly [old: string, now: string])[] = () => [],
): Promise<void> {
  const stream = streamOf(kind);
  await side(
    Array.from({ length: count }, (_, n) => n),
    AT_ONCE,
    async (n) => {
      const own = idOf(n);
      const subject = subjects.actor(kind, own);
      const names: readonly (readonly [string, string])[] = [[id, own], ...rename(n)];
      const sequences: number[] = [];
      for (const { json, snapshot } of commits) {
        const data = names.reduce((text, [old, now]) => text.replaceAll(old, now), json);
        const pointer = snapshot === undefined ? undefined : { [SNAPSHOT_HEADER]: `${sequences[snapshot] ?? 0}` };
        const result = await log.append(stream, subject, data, sequences.at(-1) ?? 0, pointer);
        if (result.outcome !== 'appended') throw new Error(`${subject} was not written: ${result.outcome}`);
        sequences.push(result.sequence);
      }
    },
  );
}

/** An id as config/ids.ts makes them, of a number. */
export const numbered = (prefix: string, n: number): string => `${prefix}_${n.toString(16).padStart(32, '0')}`;
