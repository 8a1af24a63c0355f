/** What there is to do about a message: the steps of one lane, in order, each of which may be called again. */
import type { Actors } from '../../actors/clients.ts';
import type { OrderId, SaleId, UserId } from '../../actors/ids.ts';
import type { CommitEntry, LiveCommit, StoredEvent } from '../../actors/runtime/commit.ts';
import { decodeCommit } from '../../actors/runtime/commit-encoding.ts';
import type { AnyKind, DomainEvent } from '../../actors/runtime/kind.ts';
import { type ExpiryReactor, type Reactor, reactionCommandId } from '../../actors/runtime/reactor.ts';
import { parseActorSubject, streamOf, subjects } from '../../config/subjects.ts';

export type Step = {
  /** Names it among the message's steps, also in a dead letter. */
  readonly name: string;
  readonly run: () => Promise<void>;
};

export type Message = {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly header: (name: string) => string | undefined;
  readonly sequence: number;
};

/** A message that was never on its way: a commit of this node, from its own feed. */
export type LiveMessage = Message & { readonly lane: string; readonly steps: readonly Step[] };

export type Source = {
  /** Of the durable consumer, the election and the dead letters. */
  readonly name: string;
  readonly stream: string;
  /** Without steps: nothing to do. Throws for a message that makes no sense. */
  readonly read: (message: Message) => { readonly lane: string; readonly steps: readonly Step[] };
  /** For commits that are looked at before they are JSON. */
  readonly live?: { readonly kind: string; readonly read: (commit: LiveCommit) => LiveMessage };
};

/** The events of a kind. `E` and `Id` are what the reactor was written for; the stream holds them as JSON. */
export function eventSource<E extends DomainEvent, Id extends string>(
  reactor: Reactor<E, Id>,
  kind: Pick<AnyKind, 'upcast'>,
): Source {
  const handlers: ReadonlyMap<string, unknown> = new Map(Object.entries(reactor.on));
  type Handler = (reaction: Parameters<NonNullable<Reactor<E, Id>['on'][E['type']]>>[0]) => Promise<void>;

  function stepOf(id: Id, entry: Pick<CommitEntry, 'at' | 'trace'>, type: string, version: number, load: () => E) {
    const handler = handlers.get(type) as Handler | undefined;
    if (handler === undefined) return [];
    const { at, trace } = entry;
    const run = (): Promise<void> =>
      handler({
        id,
        event: load() as Extract<E, { type: E['type'] }>,
        at,
        version,
        commandId: (step: string) => reactionCommandId(id, version, step),
        ...(trace === undefined ? {} : { trace }),
      });
    return [{ name: `${type}#${version}`, run }];
  }

  return {
    name: reactor.name,
    stream: streamOf(reactor.kind),
    read({ subject, data }) {
      const id = parseActorSubject(subject)?.id as Id | undefined;
      if (id === undefined) throw new TypeError(`no actor's subject: ${subject}`);
      const { from, entries } = decodeCommit(data);
      let version = from;
      const steps = entries.flatMap((entry) =>
        entry.events.flatMap((stored) => {
          const event = (kind.upcast === undefined ? stored : kind.upcast(stored)) as E;
          return stepOf(id, entry, event.type, version++, () => event);
        }),
      );
      return { lane: id, steps };
    },
    live: {
      kind: reactor.kind,
      read({ id, subject, sequence, data, header, from, entries }) {
        let version = from;
        const steps = entries.flatMap((entry) => {
          // From the JSON, and only if somebody wants it: the events themselves are lent.
          const load = (index: number): E => (JSON.parse(entry.json) as CommitEntry).events[index] as StoredEvent as E;
          return entry.events.flatMap(({ type }, index) => stepOf(id as Id, entry, type, version++, () => load(index)));
        });
        return { subject, sequence, data, header, lane: id, steps };
      },
    },
  };
}

/** The keys of a bucket that ran out of time: only their MaxAge markers, not what was written or purged. */
export function expirySource<Key extends string>(reactor: ExpiryReactor<Key>): Source {
  const prefix = subjects.kv(reactor.bucket, '');
  return {
    name: reactor.name,
    stream: `KV_${reactor.bucket}`,
    read({ subject, header }) {
      const key = subject.slice(prefix.length) as Key;
      const expired = header('Nats-Marker-Reason') === 'MaxAge';
      return { lane: key, steps: expired ? [{ name: 'expired', run: () => reactor.expired(key) }] : [] };
    },
  };
}

/** Reminders that have come due: command `remind` to the actor that asked. */
export function reminderSource(actors: Pick<Actors, 'cart' | 'order' | 'sale' | 'wallet'>): Source {
  return {
    name: 'reminders',
    stream: 'TIMERS',
    read({ subject, sequence }) {
      const [, kind, , id, name] = subject.split('.');
      if (id === undefined || name === undefined) throw new TypeError(`no reminder: ${subject}`);
      const call = { commandId: `${id}:remind:${name}:${sequence}` };
      const run = async (): Promise<void> => {
        if (kind === 'cart') await actors.cart(id as UserId).remind({ name }, call);
        else if (kind === 'order') await actors.order(id as OrderId).remind({ name }, call);
        else if (kind === 'sale') await actors.sale(id as SaleId).remind({ name }, call);
        else if (kind === 'wallet') await actors.wallet(id as UserId).remind({ name }, call);
        else throw new TypeError(`a kind without reminders: ${subject}`);
      };
      return { lane: `${kind}.${id}`, steps: [{ name, run }] };
    },
  };
}
