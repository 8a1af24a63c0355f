/**
 * From the log to memory. A cold load is the subject's last message and, if that carries no snapshot, one batched
 * read from the message that does. After a commit whose fate is not known, everything since the last snapshot
 * that was known before it is read, so that whatever happened meanwhile to any of its commands is found.
 */
import type { EventLog, LogMessage } from '../../../stores/event-log.ts';
import { type CommitRecord, SNAPSHOT_HEADER } from '../commit.ts';
import { decodeCommit, usableSnapshot } from '../commit-encoding.ts';
import type { AnyKind } from '../kind.ts';
import { ActorMemory } from './actor-memory.ts';
import { outcomeJson } from './command-window.ts';

export type ActorPlace = {
  readonly kind: AnyKind;
  readonly id: string;
  readonly stream: string;
  readonly subject: string;
};

/** A replica that lags, or a history that was cut. The first passes. */
export class HistoryIncomplete extends Error {
  readonly code = 'history-incomplete';
  readonly retryable = true;
  constructor(subject: string, detail: string) {
    super(`${subject}: ${detail}`);
    this.name = 'HistoryIncomplete';
  }
}

export async function load(log: EventLog, place: ActorPlace): Promise<ActorMemory> {
  const last = await log.last(place.stream, place.subject);
  if (last === undefined) return new ActorMemory(place.kind, place.id);
  const record = decodeCommit(last.data);
  if (record.from === 1 || usableSnapshot(place.kind, record) !== undefined) {
    return remember(place, [{ message: last, record }]);
  }
  return replay(log, place, Number(last.header(SNAPSHOT_HEADER) ?? 0), last);
}

/** After a commit that failed or is in doubt. `from`: the last snapshot that was known before it. */
export async function reload(log: EventLog, place: ActorPlace, from: number): Promise<ActorMemory> {
  const last = await log.last(place.stream, place.subject, { fromLeader: true });
  if (last === undefined) return new ActorMemory(place.kind, place.id);
  return replay(log, place, from, last);
}

async function replay(log: EventLog, place: ActorPlace, from: number, last: LogMessage): Promise<ActorMemory> {
  const messages = await log.read(place.stream, place.subject, from);
  if ((messages.at(-1)?.sequence ?? 0) < last.sequence) {
    throw new HistoryIncomplete(place.subject, `read does not reach ${last.sequence}`);
  }
  const commits = messages.map((message) => ({ message, record: decodeCommit(message.data) }));
  const complete = commits[0]?.record.from === 1 || commits.some(({ record }) => usableSnapshot(place.kind, record));
  // The snapshot pointed at was written by code with another shape of state: from the very first event, then.
  if (!complete && from > 0) return replay(log, place, 0, last);
  return remember(place, commits);
}

type Commit = { readonly message: LogMessage; readonly record: CommitRecord };

function remember(place: ActorPlace, commits: readonly Commit[]): ActorMemory {
  const { kind, id, subject } = place;
  const memory = new ActorMemory(kind, id);
  const base = commits.findLastIndex(({ record }) => usableSnapshot(kind, record) !== undefined);
  for (let i = 0; i < commits.length; i++) {
    const { message, record } = commits[i] as Commit;
    if (i > 0 && record.from !== memory.version + 1) {
      throw new HistoryIncomplete(subject, `event ${record.from} follows ${memory.version}`);
    }
    if (i < base) skip(memory, record);
    else if (i === base) resume(kind, memory, record);
    else fold(place, memory, record);
    memory.sequence = message.sequence;
    if (i === base) {
      memory.snapshotSequence = message.sequence;
      memory.snapshotBytes = message.data.length;
      memory.bytesSinceSnapshot = 0;
    } else {
      memory.bytesSinceSnapshot += message.data.length;
    }
  }
  return memory;
}

/** Before the snapshot: only the commands matter. */
function skip(memory: ActorMemory, record: CommitRecord): void {
  let version = record.from - 1;
  for (const { commandId, at, events, result } of record.entries) {
    version += events.length;
    memory.window.remember(commandId, at, outcomeJson(commandId, version, result));
  }
  memory.version = version;
}

function resume(kind: AnyKind, memory: ActorMemory, record: CommitRecord): void {
  const snapshot = usableSnapshot(kind, record);
  if (snapshot === undefined) return;
  // Oldest first: those of this very commit come last, and there may be more of them than a snapshot carries.
  const here = new Set(record.entries.map(({ commandId }) => commandId));
  for (const [commandId, version, result] of snapshot.recent) {
    if (!here.has(commandId)) memory.window.remember(commandId, 0, outcomeJson(commandId, version, result));
  }
  skip(memory, record);
  memory.state = snapshot.state;
}

function fold({ kind, subject }: ActorPlace, memory: ActorMemory, record: CommitRecord): void {
  if (record.from !== memory.version + 1) {
    throw new HistoryIncomplete(subject, `history begins at event ${record.from}`);
  }
  for (const { commandId, at, events, result } of record.entries) {
    memory.evolve(kind, kind.upcast === undefined ? events : events.map(kind.upcast), at);
    memory.window.remember(commandId, at, outcomeJson(commandId, memory.version, result));
  }
}
