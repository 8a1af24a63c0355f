/** Whatever is away for however long: an order has a timer before anything is tried, and what the timer says is not forgotten. */
import { describe, expect, test } from 'vitest';
import {
  type AddressId,
  type Instant,
  type OrderId,
  type PaymentId,
  type Pincode,
  paise,
  type UserId,
} from '../ids.ts';
import { ActorUnavailable } from '../runtime/envelope.ts';
import { RetryAt, reactionCommandId } from '../runtime/reactor.ts';
import { checkoutReactor } from './checkout.ts';
import { expiryReactor } from './expiry.ts';
import { memoryActors } from './testing/memory-actors.ts';

const A = 'ord_1' as OrderId;
const PLACED_AT = 1_767_225_600_000;
const RESERVATION_MS = 600_000;
const away = new ActorUnavailable('timeout', `order/${A}`);
const broken = new ActorUnavailable('command-failed', `order/${A}`);
const noBucket = Object.assign(new Error('no bucket'), { retryable: true });
const NOTHING = paise(0);

const placed = {
  type: 'OrderPlaced' as const,
  userId: 'usr_1' as UserId,
  lines: [],
  totals: { items: NOTHING, discount: NOTHING, shipping: NOTHING, tax: NOTHING, total: NOTHING },
  shippingAddress: {
    id: 'adr_1' as AddressId,
    name: 'Asha',
    phone: '+919876543210',
    line1: '1 MG Road',
    city: 'Bengaluru',
    state: 'KA',
    pincode: '560001' as Pincode,
  },
  payment: { id: 'pay_1' as PaymentId, method: 'cod' as const, gateway: 'cod' },
  reservedUntil: PLACED_AT + RESERVATION_MS,
};

/** All orders fail in the same way, whatever they are asked. */
function shop(now: Instant, failure: Error, claim?: () => Promise<boolean>) {
  const claims = new Map<OrderId, number>();
  const deps = {
    actors: memoryActors({
      now: () => now,
      recorded: () => {},
      commandWindow: 64,
      step: async (name, effect) => {
        if (name.startsWith('order.')) throw failure;
        return effect();
      },
    }),
    gateways: [],
    clock: () => now,
    reservations: {
      claim: claim ?? (async (of: OrderId, ttlMs: number) => claims.set(of, ttlMs) !== undefined),
      clear: async () => {},
      keep: async () => {},
    },
  };
  const commandId = (step: string): string => reactionCommandId(A, 1, step);
  return {
    claims,
    placed: () =>
      checkoutReactor(deps).on.OrderPlaced?.({ id: A, event: placed, at: PLACED_AT, version: 1, commandId }),
    expired: () => expiryReactor(deps).expired(A),
  };
}

describe('an order that nobody can read', () => {
  test('is woken when its time is over', async () => {
    const { claims, placed: handle } = shop(PLACED_AT + 1_000, away);
    await expect(handle()).rejects.toBe(away);
    expect(claims.get(A)).toBe(RESERVATION_MS - 1_000);
  });

  test('gets its timer, also if the timers are away for an hour', async () => {
    const { placed: handle } = shop(PLACED_AT, away, () => Promise.reject(noBucket));
    await expect(handle()).rejects.toBeInstanceOf(RetryAt);
  });
});

describe('an expiry that finds the order', () => {
  test('away is not given up', async () => {
    await expect(shop(PLACED_AT + RESERVATION_MS, away).expired()).rejects.toBeInstanceOf(RetryAt);
  });

  test('broken is a failure like any other', async () => {
    await expect(shop(PLACED_AT + RESERVATION_MS, broken).expired()).rejects.toBe(broken);
  });
});
