/** A commit to and from the wire: see commit.ts for what it holds. Every value is turned into JSON once. */
import type { Instant } from '../ids.ts';
import type { CommitRecord, LiveEntry, Snapshot } from './commit.ts';
import type { CommandEnvelope } from './envelope.ts';
import type { AnyKind, DomainEvent } from './kind.ts';
import type { ActorMemory } from './memory/actor-memory.ts';

/** `result` and the whole entry as JSON. Throws if the kind gave something that JSON cannot hold. */
export function encodeEntry(
  { commandId, type, trace }: CommandEnvelope,
  at: Instant,
  events: readonly DomainEvent[],
  result: string | undefined,
): string {
  const answer = result === undefined ? '' : `,"result":${result}`;
  const cause = trace === undefined ? '' : `,"trace":${JSON.stringify(trace)}`;
  return `{"commandId":${JSON.stringify(commandId)},"command":"${type}","at":${at},"events":${JSON.stringify(events)}${answer}${cause}}`;
}

export type EncodedCommit = {
  readonly data: Uint8Array;
  /** Without the snapshot. */
  readonly size: number;
  /** Of the snapshot that travels along, or that was made and found too large; 0 = none was made. */
  readonly snapshotSize: number;
  readonly hasSnapshot: boolean;
};

export type EncodingLimits = { readonly commitBytes: number; readonly smallSnapshotBytes: number };

/**
 * `memory` is after the entries, `from` the number of their first event. The snapshot travels with every commit but the
 * first, which is all there is to replay, while it is small; above that once as many bytes were written as it has, so that at most half of all bytes
 * written are snapshots and a load never reads more than about twice the state.
 */
export function encodeCommit(
  kind: AnyKind,
  memory: ActorMemory,
  from: number,
  entries: readonly Pick<LiveEntry, 'json'>[],
  limits: EncodingLimits,
): EncodedCommit {
  const body = `{"f":1,"from":${from},"entries":[${entries.map(({ json }) => json).join(',')}]`;
  const written = memory.bytesSinceSnapshot + body.length;
  if (from === 1 || (memory.snapshotBytes > limits.smallSnapshotBytes && written < memory.snapshotBytes)) {
    return { data: Buffer.from(`${body}}`), size: body.length, snapshotSize: 0, hasSnapshot: false };
  }
  const snapshot = `{"v":${kind.stateVersion},"state":${JSON.stringify(memory.state)},"recent":[${memory.window.carriedJson()}]}`;
  const size = body.length;
  const snapshotSize = snapshot.length;
  if (snapshotSize <= limits.smallSnapshotBytes || written >= snapshotSize) {
    const data = Buffer.from(`${body},"snapshot":${snapshot}}`);
    if (data.length <= limits.commitBytes) return { data, size, snapshotSize, hasSnapshot: true };
  }
  return { data: Buffer.from(`${body}}`), size, snapshotSize, hasSnapshot: false };
}

const utf8 = new TextDecoder();

export const decodeCommit = (data: Uint8Array): CommitRecord => JSON.parse(utf8.decode(data));

export const usableSnapshot = (kind: AnyKind, { snapshot }: CommitRecord): Snapshot | undefined =>
  snapshot?.v === kind.stateVersion ? snapshot : undefined;
