/**
 * A whole shop in memory: actors, reservations, two gateways and the three process managers, with their events
 * delivered at least once. What a run of a handler does can be stopped at any step; it is then delivered again.
 */
import type { Actors } from '../../clients.ts';
import type { SaleEvent } from '../../flash-sale/sale.ts';
import {
  type AddressId,
  type Instant,
  type OrderId,
  type Paise,
  type PaymentId,
  type Pincode,
  type ProductId,
  paise,
  type SaleId,
  type SellerId,
  type Sku,
  type UserId,
  type WarehouseId,
} from '../../ids.ts';
import type { OrderEvent } from '../../order/order.ts';
import type { PaymentEvent } from '../../payment/payment.ts';
import { type Reaction, RetryAt, reactionCommandId } from '../../runtime/reactor.ts';
import type { WalletEvent } from '../../wallet/wallet.ts';
import { checkoutReactor } from '../checkout.ts';
import { expiryReactor } from '../expiry.ts';
import { flashSalesReactor } from '../flash-sales.ts';
import { lateOffersReactor } from '../offer.ts';
import { GatewayError, type PaymentGateway } from '../ports.ts';
import { refundsReactor } from '../refunds.ts';
import { settlementReactor } from '../settlement.ts';
import { topUpsReactor, withTopUps } from '../wallet/top-ups.ts';
import { memoryActors, type Recorded, type Step } from './memory-actors.ts';

export class Crash extends Error {}

const STRAGGLING_ROUNDS = 50;

export const OPENING: Instant = 1_767_225_600_000;
export const RESERVATION_MS = 600_000;
export const USER = 'usr_1' as UserId;
export const WAREHOUSE = 'wh_blr' as WarehouseId;
export const sku = (name: string): Sku => name as Sku;
export const orderId = (n: number): OrderId => `ord_${n.toString(16).padStart(32, '0')}` as OrderId;
export const paymentIdOf = (id: OrderId): PaymentId => id.replace('ord_', 'pay_') as PaymentId;
export const PRICE: Paise = paise(10_000);

export type Faults = {
  /** Steps (counted over the whole run) at which the caller dies, before the effect or after. */
  readonly crashes?: readonly { readonly step: number; readonly when: 'before' | 'after' }[];
  /** How many turns of the loop each step waits, over and over: other orders of the same things. */
  readonly waits?: readonly number[];
  /**
   * Every event is delivered twice at the same time, and the next is delivered when both runs have ended; or when the
   * first has, while the other, which the runner takes for dead, goes on.
   */
  readonly twice?: 'no' | 'together' | 'straggling';
  readonly commandWindow?: number;
  /** Besides Razorpay and cash; one of the same name takes the place of theirs. */
  readonly gateways?: readonly PaymentGateway[];
};

export type Shop = ReturnType<typeof openShop>;

export function openShop(faults: Faults = {}) {
  let now = OPENING;
  let steps = 0;
  let failing = false;
  const stragglers: Promise<void>[] = [];
  const claims = new Map<OrderId, Instant>();
  const queues = new Map<string, Recorded[]>();
  const refundsMade = new Map<string, Paise>();
  const gateway = { down: false, refuses: false, opened: 0 };

  const step: Step = async (_name, effect) => {
    const mine = steps++;
    const crash = failing ? faults.crashes?.find((candidate) => candidate.step === mine) : undefined;
    const waits = faults.waits?.[mine % faults.waits.length] ?? 0;
    for (let i = 0; i <= waits; i++) await Promise.resolve();
    if (crash?.when === 'before') throw new Crash();
    const result = effect();
    if (crash?.when === 'after') throw new Crash();
    return result;
  };

  const actors: Actors = memoryActors({
    now: () => now,
    step,
    commandWindow: faults.commandWindow ?? 64,
    recorded(event) {
      const actor = `${event.kind}.${event.id}`;
      queues.set(actor, [...(queues.get(actor) ?? []), event]);
    },
  });

  const razorpay: PaymentGateway = {
    name: 'razorpay',
    methods: ['upi', 'card'],
    settles: 'prepaid',
    open: ({ paymentId }) =>
      step('gateway.open', () => {
        if (gateway.down) throw new GatewayError('timeout', 'no answer');
        if (gateway.refuses) throw new GatewayError('refused', 'no');
        gateway.opened += 1;
        return { gatewayOrderId: `order_${paymentId}`, paymentUrl: `https://pay.example/${paymentId}` };
      }),
    refund: ({ refundId, amount }) =>
      step('gateway.refund', () => {
        if (gateway.down) throw new GatewayError('timeout', 'no answer');
        refundsMade.set(refundId, amount);
        return { gatewayRefundId: `rf_${refundId}`, status: 'processed' as const };
      }),
    readWebhook: () => Promise.resolve(undefined),
  };
  const cod: PaymentGateway = {
    ...razorpay,
    name: 'cod',
    methods: ['cod'],
    settles: 'on-delivery',
    open: () => Promise.reject(new Error('nothing is opened for cash')),
  };

  const deps = {
    actors,
    gateways: [
      ...(faults.gateways ?? []),
      ...[razorpay, cod].filter(({ name }) => !faults.gateways?.some((other) => other.name === name)),
    ],
    clock: () => now,
    reservations: {
      claim: (id: OrderId, ttlMs: number) =>
        step('claim', () => {
          if (claims.has(id)) return false;
          claims.set(id, now + ttlMs);
          return true;
        }),
      clear: (id: OrderId) => step('clear', () => void claims.delete(id)),
      keep: (id: OrderId, ttlMs: number) => step('keep', () => void claims.set(id, now + ttlMs)),
    },
  };
  const checkout = { on: { ...checkoutReactor(deps).on, ...lateOffersReactor(deps).on } };
  const settlement = { on: { ...withTopUps(settlementReactor(deps), deps).on, ...refundsReactor(deps).on } };
  const flashSales = flashSalesReactor(deps);
  const topUps = topUpsReactor(deps);
  const expiry = expiryReactor(deps);

  function handle({ kind, id, event, at, version }: Recorded): Promise<void> {
    const common = { at, version, commandId: (name: string) => reactionCommandId(id, version, name) };
    if (kind === 'order') return react(checkout.on, { ...common, id: id as OrderId, event: event as OrderEvent });
    if (kind === 'payment')
      return react(settlement.on, { ...common, id: id as PaymentId, event: event as PaymentEvent });
    if (kind === 'sale') return react(flashSales.on, { ...common, id: id as SaleId, event: event as SaleEvent });
    if (kind === 'wallet') return react(topUps.on, { ...common, id: id as UserId, event: event as WalletEvent });
    return Promise.resolve();
  }

  /** One delivery, over and over until it is done; true: it asks to be called later. */
  async function deliver(run: () => Promise<void>): Promise<boolean> {
    for (;;) {
      if (faults.twice === 'straggling') stragglers.push(straggle(run));
      const runs = await Promise.allSettled(faults.twice === 'together' ? [run(), run()] : [run()]);
      const failures = runs.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      const wrong = failures.find((failure) => !(failure instanceof Crash) && !(failure instanceof RetryAt));
      if (wrong) throw wrong;
      if (failures.length === 0) return false;
      if (failures.some((failure) => failure instanceof RetryAt)) return true;
    }
  }

  async function straggle(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (failure) {
      if (!(failure instanceof Crash) && !(failure instanceof RetryAt)) throw failure;
    }
  }

  /** Delivers all that there is: an actor's events in order, different actors' side by side. */
  async function settle(): Promise<void> {
    failing = true;
    try {
      await deliverAll();
      // Not for ever: what only waits for its time has a straggler at every try.
      for (let round = 0; stragglers.length > 0 && round < STRAGGLING_ROUNDS; round++) {
        await Promise.all(stragglers.splice(0));
        await deliverAll();
      }
      await Promise.all(stragglers.splice(0));
    } finally {
      failing = false;
    }
  }

  async function deliverAll(): Promise<void> {
    for (;;) {
      const heads = [...queues].flatMap(([actor, [head]]) => (head ? [{ actor, head }] : []));
      if (heads.length === 0) return;
      const later = await Promise.all(
        heads.map(async ({ actor, head }) => {
          if (await deliver(() => handle(head))) return true;
          queues.set(actor, (queues.get(actor) ?? []).slice(1));
          return false;
        }),
      );
      if (later.every((waits) => waits)) return;
    }
  }

  return {
    actors,
    claims,
    gateway,
    refundsMade,
    settle,
    steps: () => steps,
    at: () => now,
    /** Time goes by and nobody is there to notice. */
    skip(ms: number): void {
      now += ms;
    },
    async passes(ms: number): Promise<void> {
      now += ms;
      for (const [id, until] of claims) {
        if (until > now) continue;
        claims.delete(id);
        await deliver(() => expiry.expired(id));
      }
      await settle();
    },
    async stock(units: Readonly<Record<string, number>>): Promise<void> {
      for (const [name, onHand] of Object.entries(units))
        await actors.sku(sku(name)).setStock({ warehouseId: WAREHOUSE, pincode: '560048' as Pincode, onHand });
    },
    /** To others, before the story begins. */
    async sold(units: Readonly<Record<string, number>>): Promise<void> {
      const asked = { orderId: orderId(999), pincode: '560001' as Pincode };
      for (const [name, quantity] of Object.entries(units)) {
        await actors.sku(sku(name)).reserve({ ...asked, quantity, expiresAt: now + RESERVATION_MS });
        await actors.sku(sku(name)).commit({ ...asked, quantity });
      }
    },
    /** Also where a reader would count it as available because its time is over. */
    async stillHeld(name: string): Promise<number> {
      const then = now;
      now = 0;
      const { reserved } = (await actors.sku.read(sku(name))).view;
      now = then;
      return reserved;
    },
    /** `buyer`: somebody else, who buys in a sale. */
    async place(
      id: OrderId,
      wanted: Readonly<Record<string, number>>,
      method: 'upi' | 'cod' | 'paylater' | 'netbanking' = 'upi',
      buyer?: { readonly userId: UserId; readonly ledger: Sku },
      gateway: string = GATEWAYS[method],
    ): Promise<void> {
      const sale = buyer === undefined ? {} : { ledger: buyer.ledger };
      const lines = Object.entries(wanted).map(([name, quantity]) => ({ sku: sku(name), quantity, ...OFFER, ...sale }));
      const items = paise(lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0));
      for (const { sku: which, quantity } of lines)
        await actors.cart(buyer?.userId ?? USER).addItem({ sku: which, quantity, offer: OFFER });
      await actors.order(id).place({
        userId: buyer?.userId ?? USER,
        lines,
        totals: { items, discount: paise(0), shipping: SHIPPING, tax: paise(0), total: paise(items + SHIPPING) },
        shippingAddress: ADDRESS,
        payment: { id: paymentIdOf(id), method, gateway },
        reservedUntil: now + RESERVATION_MS,
      });
    },
    /** The gateway's notice that the customer has paid. */
    async pay(id: OrderId, gatewayPaymentId = `gp_${id}`): Promise<void> {
      const { view } = await actors.order.read(id);
      if (view.status === 'NONE') throw new Error('no such order');
      await actors
        .payment(paymentIdOf(id))
        .recordCapture({ gatewayPaymentId, amount: view.totals.total, gatewayAt: now });
    },
    async order(id: OrderId) {
      const { view } = await actors.order.read(id);
      if (view.status === 'NONE') throw new Error('no such order');
      return view;
    },
    sku: async (name: string) => (await actors.sku.read(sku(name))).view,
    cart: async () => (await actors.cart.read(USER)).view.lines,
  };
}

const GATEWAYS = { upi: 'razorpay', cod: 'cod', paylater: 'pay-later', netbanking: 'razorpay' } as const;
export const SHIPPING: Paise = paise(4_900);
const OFFER = { productId: 'prd_1' as ProductId, sellerId: 'sel_1' as SellerId, name: 'Kettle', unitPrice: PRICE };
const ADDRESS = {
  id: 'adr_1' as AddressId,
  name: 'Asha',
  phone: '+919876543210',
  line1: '1 MG Road',
  city: 'Bengaluru',
  state: 'KA',
  pincode: '560001' as Pincode,
};

/** The handler of this event's type, if there is one. */
function react<E extends { readonly type: string }, Id extends string>(
  on: { readonly [T in E['type']]?: (reaction: Reaction<Extract<E, { type: T }>, Id>) => Promise<void> },
  reaction: Reaction<E, Id>,
): Promise<void> {
  // A table keyed by the event's own type: TypeScript does not follow that correlation.
  const handler = on[reaction.event.type as E['type']] as ((reaction: Reaction<E, Id>) => Promise<void>) | undefined;
  return handler ? handler(reaction) : Promise.resolve();
}
