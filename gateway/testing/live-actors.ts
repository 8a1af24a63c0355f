/**
 * The actor kinds and the process managers of checkout in this process's memory, running by themselves as they do
 * on nodes: a watch waits, an event is followed by what follows from it.
 */
import { EventEmitter } from 'node:events';
import { checkoutReactor } from '../../actors/checkout/checkout.ts';
import { flashSalesReactor } from '../../actors/checkout/flash-sales.ts';
import { lateOffersReactor } from '../../actors/checkout/offer.ts';
import type { PaymentGateway } from '../../actors/checkout/ports.ts';
import { refundsReactor } from '../../actors/checkout/refunds.ts';
import { settlementReactor } from '../../actors/checkout/settlement.ts';
import { memoryActors, type Recorded } from '../../actors/checkout/testing/memory-actors.ts';
import { withTopUps } from '../../actors/checkout/wallet/top-ups.ts';
import type { ActorClient, Actors } from '../../actors/clients.ts';
import type { SaleEvent } from '../../actors/flash-sale/sale.ts';
import type { OrderId, SaleId } from '../../actors/ids.ts';
import type { OrderEvent } from '../../actors/order/order.ts';
import type { PaymentEvent } from '../../actors/payment/payment.ts';
import type { Contract } from '../../actors/runtime/kind.ts';
import { type Reaction, RetryAt, reactionCommandId } from '../../actors/runtime/reactor.ts';

export type LiveActors = {
  readonly actors: Actors;
  /** What the next calls of the actors throw; undefined: they work. */
  readonly fail: (error: Error | undefined) => void;
  /** What they throw after having done it: the caller does not know. */
  readonly loseAnswers: (error: Error | undefined) => void;
  /** While it is true no process manager runs: orders stay CREATED. */
  readonly hold: (held: boolean) => void;
};

export function liveActors(gateways: readonly PaymentGateway[], onSale: (id: SaleId) => void = () => {}): LiveActors {
  const bell = new EventEmitter({ captureRejections: true });
  bell.setMaxListeners(0);
  const queues = new Map<string, Promise<void>>();
  const waiting: Recorded[] = [];
  let failure: Error | undefined;
  let lost: Error | undefined;
  let held = false;

  const inner = memoryActors({
    now: Date.now,
    step: async (_name, effect) => {
      if (failure !== undefined) throw failure;
      const result = effect();
      if (lost !== undefined) throw lost;
      return result;
    },
    commandWindow: 64,
    recorded(event) {
      if (held) waiting.push(event);
      else queue(event);
      queueMicrotask(() => {
        bell.emit(event.id);
        if (event.kind === 'sale') onSale(event.id as SaleId);
      });
    },
  });
  const claims = new Set<OrderId>();
  const deps = {
    actors: inner,
    gateways,
    clock: Date.now,
    reservations: {
      claim: async (id: OrderId) => !claims.has(id) && claims.add(id) !== undefined,
      clear: async (id: OrderId) => void claims.delete(id),
      keep: async (id: OrderId) => void claims.add(id),
    },
  };
  const checkout = { on: { ...checkoutReactor(deps).on, ...lateOffersReactor(deps).on } };
  const flashSales = flashSalesReactor(deps);
  const settlement = { on: { ...withTopUps(settlementReactor(deps), deps).on, ...refundsReactor(deps).on } };

  function queue(event: Recorded): void {
    const key = `${event.kind}.${event.id}`;
    queues.set(
      key,
      (queues.get(key) ?? Promise.resolve()).then(() => handle(event)),
    );
  }
  async function handle({ kind, id, event, at, version }: Recorded): Promise<void> {
    const reaction = { id, event, at, version, commandId: (step: string) => reactionCommandId(id, version, step) };
    if (kind === 'order') await react(checkout.on, reaction as Reaction<OrderEvent, OrderId>);
    if (kind === 'payment') await react(settlement.on, reaction as Reaction<PaymentEvent, never>);
    if (kind === 'sale') await insisting(() => react(flashSales.on, reaction as Reaction<SaleEvent, SaleId>));
  }

  const watching = <Id extends string, C extends Contract, V>(client: ActorClient<Id, C, V>): ActorClient<Id, C, V> =>
    Object.assign((id: Id) => client(id), {
      read: (id: Id) => client.read(id),
      async watch(id: Id, { after, timeoutMs }: { after: number; timeoutMs: number }) {
        const deadline = Date.now() + timeoutMs;
        for (;;) {
          const read = await client.read(id);
          const left = deadline - Date.now();
          if (read.version > after || left <= 0) return read;
          await new Promise<void>((resolve) => {
            const done = (): void => {
              clearTimeout(timer);
              bell.off(id, done);
              resolve();
            };
            const timer = setTimeout(done, left);
            bell.on(id, done);
          });
        }
      },
    });

  return {
    actors: {
      cart: watching(inner.cart),
      sku: watching(inner.sku),
      order: watching(inner.order),
      payment: watching(inner.payment),
      sale: watching(inner.sale),
      promotion: watching(inner.promotion),
      quota: watching(inner.quota),
      wallet: watching(inner.wallet),
    },
    fail(error) {
      failure = error;
    },
    loseAnswers(error) {
      lost = error;
    },
    hold(now) {
      held = now;
      if (!held) for (const event of waiting.splice(0)) queue(event);
    },
  };
}

async function insisting(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RetryAt)) throw error;
    setTimeout(() => void insisting(work), error.at - Date.now()).unref();
  }
}

type HandlersOf<E extends { readonly type: string }, Id extends string> = {
  readonly [T in E['type']]?: (reaction: Reaction<Extract<E, { type: T }>, Id>) => Promise<void>;
};
async function react<E extends { readonly type: string }, Id extends string>(
  handlers: HandlersOf<E, Id>,
  reaction: Reaction<E, Id>,
): Promise<void> {
  // The handler of an event's type takes events of that type.
  const handler = handlers[reaction.event.type as E['type']] as
    | ((reaction: Reaction<E, Id>) => Promise<void>)
    | undefined;
  await handler?.(reaction);
}
