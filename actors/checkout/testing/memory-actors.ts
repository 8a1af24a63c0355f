/**
 * The actors in memory, over the real kinds' decide and evolve: enough of the host to run process managers against.
 * Every call goes through `step`, where a test may let time pass or the caller die, before it takes effect or after.
 */
import { cart } from '../../cart/kind.ts';
import type { ActorClient, ActorHandle, Actors, CallOptions } from '../../clients.ts';
import { sale } from '../../flash-sale/kind.ts';
import type { Instant } from '../../ids.ts';
import { order } from '../../order/kind.ts';
import { payment } from '../../payment/kind.ts';
import { promotion } from '../../promotion/kind.ts';
import { quota } from '../../quota/kind.ts';
import type { Outcome } from '../../runtime/envelope.ts';
import type { ActorKind, Contract, DomainEvent } from '../../runtime/kind.ts';
import { sku } from '../../sku/kind.ts';
import { wallet } from '../../wallet/kind.ts';

export type Step = <T>(name: string, effect: () => T) => Promise<T>;

export type Recorded = {
  readonly kind: string;
  readonly id: string;
  readonly event: DomainEvent;
  readonly at: Instant;
  readonly version: number;
};

export type World = {
  readonly now: () => Instant;
  readonly step: Step;
  readonly recorded: (event: Recorded) => void;
  /** How many commands an actor remembers; 0 leaves it all to the actor's own state. */
  readonly commandWindow: number;
};

export function memoryActors(world: World): Actors {
  return {
    cart: client(cart, world),
    sku: client(sku, world),
    order: client(order, world),
    payment: client(payment, world),
    sale: client(sale, world),
    promotion: client(promotion, world),
    quota: client(quota, world),
    wallet: client(wallet, world),
  };
}

type Answered = { readonly version: number; readonly result: unknown };

class MemoryActor<C extends Contract, S, E extends DomainEvent, V> {
  readonly #kind: ActorKind<string, C, S, E, V>;
  readonly #id: string;
  readonly #world: World;
  readonly #answered = new Map<string, Answered>();
  #state: S;
  version = 0;

  constructor(kind: ActorKind<string, C, S, E, V>, id: string, world: World) {
    this.#kind = kind;
    this.#id = id;
    this.#world = world;
    this.#state = kind.initial(id);
  }

  get view(): V {
    return this.#kind.view(this.#state, this.#world.now());
  }

  command<K extends keyof C & string>(
    type: K,
    input: C[K]['input'],
    options: CallOptions = {},
  ): Outcome<C[K]['result'], C[K]['rejection']> {
    const { commandId } = options;
    const first = commandId === undefined ? undefined : this.#answered.get(commandId);
    if (first) return { ok: true, version: first.version, result: first.result };
    const at = this.#world.now();
    const decision = this.#kind.decide[type](this.#state, input, at);
    if (!decision.accepted) return { ok: false, version: this.version, rejection: decision.rejection };
    const { events, result } = structuredClone(decision);
    for (const event of events) {
      this.#state = this.#kind.evolve(this.#state, event, { at, version: ++this.version });
      this.#world.recorded({ kind: this.#kind.name, id: this.#id, event, at, version: this.version });
    }
    if (commandId !== undefined && events.length > 0) this.#remember(commandId, { version: this.version, result });
    return { ok: true, version: this.version, result };
  }

  #remember(commandId: string, answer: Answered): void {
    this.#answered.set(commandId, answer);
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= this.#world.commandWindow) break;
      this.#answered.delete(oldest);
    }
  }
}

function client<Id extends string, C extends Contract, S, E extends DomainEvent, V>(
  kind: ActorKind<string, C, S, E, V>,
  world: World,
): ActorClient<Id, C, V> {
  const actors = new Map<string, MemoryActor<C, S, E, V>>();
  const actor = (id: string): MemoryActor<C, S, E, V> => {
    const there = actors.get(id);
    if (there) return there;
    const made = new MemoryActor(kind, id, world);
    actors.set(id, made);
    return made;
  };
  const read = (id: Id) =>
    world.step(`${kind.name}.read`, () => ({ version: actor(id).version, view: actor(id).view }));
  const commands = Object.keys(kind.decide);
  // The keys of `decide` are the commands of the contract, which fromEntries cannot know.
  const handle = (id: Id) =>
    Object.fromEntries(
      commands.map((type) => [
        type,
        (input: C[string]['input'], options?: CallOptions) =>
          world.step(`${kind.name}.${type}`, () => actor(id).command(type, input, options)),
      ]),
    ) as ActorHandle<C>;
  return Object.assign(handle, { read, watch: read });
}
