/** Everything that the log says of one actor: its history, what it is now, and how it would be loaded. */
import type { CommitRecord } from '../../actors/runtime/commit.ts';
import { SNAPSHOT_HEADER } from '../../actors/runtime/commit.ts';
import { decodeCommit } from '../../actors/runtime/commit-encoding.ts';
import type { AnyKind, DomainEvent } from '../../actors/runtime/kind.ts';
import { partitionOf, streamOf, subjects } from '../../config/subjects.ts';
import type { EventLog, LogMessage } from '../../stores/event-log.ts';

export type TimelineEntry = {
  readonly version: number;
  /** Epoch ms. */
  readonly at: number;
  /** Of the stream. */
  readonly sequence: number;
  readonly command: string;
  readonly commandId: string;
  readonly event: DomainEvent;
  readonly trace?: string;
};

export type SnapshotInfo = {
  readonly sequence: number;
  /** Of the actor, when it was taken. */
  readonly version: number;
  readonly bytes: number;
  /** False: of another shape than today's code has; the history is replayed instead. */
  readonly usable: boolean;
  /** Commands remembered to answer repeats. */
  readonly commands: number;
};

export type ActorRecord = {
  readonly kind: string;
  readonly id: string;
  readonly subject: string;
  readonly partition: number;
  readonly stream: string;
  readonly version: number;
  readonly commits: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly snapshot: SnapshotInfo | undefined;
  /** Messages that a cold load reads. */
  readonly loadReads: number;
  readonly timeline: readonly TimelineEntry[];
  readonly state: unknown;
  readonly view: unknown;
};

/** undefined: it has no history. */
export async function readActor(
  log: Pick<EventLog, 'read'>,
  kind: AnyKind,
  id: string,
  now: number,
): Promise<ActorRecord | undefined> {
  const subject = subjects.actor(kind.name, id);
  const stream = streamOf(kind.name);
  const messages = await log.read(stream, subject, 0);
  const [first, last] = [messages[0], messages.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const commits = messages.map((message) => ({ message, record: decodeCommit(message.data) }));
  const timeline = commits.flatMap(({ message, record }) => entriesOf(kind, message, record));
  const state = timeline.reduce(
    (before, { event, at, version }) => kind.evolve(before, event, { at, version }),
    kind.initial(id),
  );
  const snapshots = commits.filter(({ record }) => record.snapshot !== undefined);
  const newest = snapshots.at(-1);
  const pointer = last.header(SNAPSHOT_HEADER);
  const { from, snapshot: here } = decodeCommit(last.data);
  // The first commit is a history of its own.
  const atOnce = from === 1 || here?.v === kind.stateVersion;
  return {
    kind: kind.name,
    id,
    subject,
    partition: partitionOf(id),
    stream,
    version: timeline.at(-1)?.version ?? 0,
    commits: commits.length,
    bytes: messages.reduce((bytes, { data }) => bytes + data.length, 0),
    firstSequence: first.sequence,
    lastSequence: last.sequence,
    snapshot: newest === undefined ? undefined : snapshotInfo(kind, newest.message, newest.record),
    loadReads: atOnce ? 1 : 1 + messages.filter(({ sequence }) => sequence >= Number(pointer ?? 0)).length,
    timeline,
    // Copied: `view` and the caller must see the same, whatever `evolve` shares between them.
    state: structuredClone(state),
    view: kind.view(state, now),
  };
}

function entriesOf(kind: AnyKind, { sequence }: LogMessage, record: CommitRecord): readonly TimelineEntry[] {
  let version = record.from - 1;
  return record.entries.flatMap(({ at, command, commandId, events, trace }) =>
    events.map((stored) => {
      version += 1;
      const event = kind.upcast === undefined ? stored : kind.upcast(stored);
      return { version, at, sequence, command, commandId, event, ...(trace === undefined ? {} : { trace }) };
    }),
  );
}

function snapshotInfo(kind: AnyKind, { sequence }: LogMessage, record: CommitRecord): SnapshotInfo | undefined {
  const { snapshot } = record;
  if (snapshot === undefined) return undefined;
  return {
    sequence,
    version: record.entries.reduce((version, { events }) => version + events.length, record.from - 1),
    bytes: Buffer.byteLength(JSON.stringify(snapshot)),
    usable: snapshot.v === kind.stateVersion,
    commands: snapshot.recent.length,
  };
}
