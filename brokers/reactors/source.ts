/** What there is to do about a message: the steps of one lane, in order, each of which may be called again. */
import type { Actors } from '../../actors/clients.ts';
import type { OrderId, SaleId, UserId } from '../../actors/ids.ts';
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

export type Source = {
  /** Of the durable consumer, the election and the dead letters. */
  readonly name: string;
  readonly stream: string;
  /** Without steps: nothing to do. Throws for a message that makes no sense. */
  readonly read: (message: Message) => { readonly lane: string; readonly steps: readonly Step[] };
};

/** The events of a kind. `E` and `Id` are what the reactor was written for; the stream holds them as JSON. */
export function eventSource<E extends DomainEvent, Id extends string>(
  reactor: Reactor<E, Id>,
  kind: Pick<AnyKind, 'upcast'>,
): Source {
  const handlers: ReadonlyMap<string, unknown> = new Map(Object.entries(reactor.on));
  return {
    name: reactor.name,
    stream: streamOf(reactor.kind),
    read({ subject, data }) {
      const id = parseActorSubject(subject)?.id as Id | undefined;
      if (id === undefined) throw new TypeError(`no actor's subject: ${subject}`);
      const { from, entries } = decodeCommit(data);
      const steps: Step[] = [];
      let version = from;
      for (const { at, events, trace } of entries) {
        for (const stored of events) {
          const event = (kind.upcast === undefined ? stored : kind.upcast(stored)) as E;
          const handler = handlers.get(event.type) as
            | ((reaction: Parameters<NonNullable<Reactor<E, Id>['on'][E['type']]>>[0]) => Promise<void>)
            | undefined;
          if (handler !== undefined) {
            const mine = version;
            const reaction = {
              id,
              event: event as Extract<E, { type: E['type'] }>,
              at,
              version: mine,
              commandId: (step: string) => reactionCommandId(id, mine, step),
              ...(trace === undefined ? {} : { trace }),
            };
            steps.push({ name: `${event.type}#${mine}`, run: () => handler(reaction) });
          }
          version++;
        }
      }
      return { lane: id, steps };
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
export function reminderSource(actors: Pick<Actors, 'cart' | 'order' | 'sale'>): Source {
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
        else throw new TypeError(`a kind without reminders: ${subject}`);
      };
      return { lane: `${kind}.${id}`, steps: [{ name, run }] };
    },
  };
}
