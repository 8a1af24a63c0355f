/**
 * Lives of orders at random: paid in one way and another, failed, tried again, paid twice, cancelled, delivered, returned, with
 * notices late, repeated, out of order and lost, gateways that are away, and events delivered twice or after a crash. In the
 * end the gateways hold what was delivered, or will be, and not a paisa more.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PaymentId, ReturnId } from '../../ids.ts';
import type { GatewayNotice } from '../ports.ts';
import { MemoryParty } from '../testing/memory-party.ts';
import { type Faults, openShop, orderId, type Shop, sku } from '../testing/shop.ts';
import { recordNotice } from './notices.ts';

const A = orderId(1);
const MINUTE = 60_000;
/** What is paid later than this after an order's end, and never told, only the gateway's report will tell. */
const LOOKED_FOR_MS = 9 * MINUTE;
const METHODS = ['upi', 'netbanking', 'paylater'] as const;

type Step =
  | { readonly do: 'pay'; readonly nth: number; readonly works: boolean }
  | { readonly do: 'tell'; readonly nth: number; readonly again: boolean }
  | { readonly do: 'lose'; readonly nth: number }
  | { readonly do: 'retry'; readonly method: (typeof METHODS)[number] }
  | { readonly do: 'cancel'; readonly whole: boolean }
  | { readonly do: 'fulfil'; readonly whole: boolean }
  | { readonly do: 'return' | 'settle' }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'break' | 'mend'; readonly party: number };

const nth = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pay'), nth, works: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('tell'), nth, again: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose'), nth }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('retry'), method: fc.constantFrom(...METHODS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel'), whole: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('return', 'settle') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fulfil'), whole: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait'), minutes: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('break', 'mend'), party: fc.nat(2) }) },
);

const faults: fc.Arbitrary<Faults> = fc.record({
  crashes: fc.array(fc.record({ step: fc.nat(200), when: fc.constantFrom('before', 'after') }), { maxLength: 4 }),
  waits: fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }),
  twice: fc.constantFrom('no', 'together'),
  commandWindow: fc.constantFrom(0, 64),
});

async function live(steps: readonly Step[], first: (typeof METHODS)[number], given: Faults) {
  const parties = [
    new MemoryParty('razorpay', ['upi', 'netbanking'], 'prepaid'),
    new MemoryParty('payu', ['netbanking'], 'prepaid'),
    new MemoryParty('pay-later', ['paylater'], 'on-capture'),
  ] as const;
  const shop = openShop({ ...given, gateways: parties.map(({ gateway }) => gateway) });
  await shop.stock({ kettle: 1, cup: 1 });
  await shop.place(A, { kettle: 1, cup: 1 }, first);
  await shop.settle();
  const certain = new Set<GatewayNotice>();
  let retries = 0;
  let returned = 0;
  for (const one of steps) await play(one);
  for (const party of parties) party.down = false;
  await shop.settle();
  for (const party of parties) await tellAll(party);
  // Until nobody asks any more: the reservation, the late looks, and what waited for a gateway.
  for (let hours = 0; hours < 60; hours += 0.5) await shop.passes(30 * MINUTE);
  for (const party of parties) await tellAll(party);
  return { shop, parties };

  async function play(one: Step): Promise<void> {
    switch (one.do) {
      case 'pay': {
        const pages = parties.flatMap((party) => [...party.held.keys()].map((id) => ({ party, id })));
        const page = pages[one.nth % Math.max(1, pages.length)];
        if (page === undefined) return;
        // Nobody is shown a page that was opened by a run that died.
        const { view: payment } = await shop.actors.payment.read(page.id);
        if (payment.status === 'none' || payment.gatewayOrderId === undefined) return;
        const owed = page.party.owed.length;
        page.party.pay(page.id, one.works, shop.at());
        const order = await shop.order(A);
        const waits = order.status === 'PAYMENT_PENDING' || order.status === 'PAYMENT_FAILED';
        const ended =
          order.timeline.findLast(({ status }) => status === 'CONFIRMED' || status === 'CANCELLED')?.at ?? 0;
        if (!waits && shop.at() > ended + LOOKED_FOR_MS)
          for (const notice of page.party.owed.slice(owed)) certain.add(notice);
        return;
      }
      case 'tell': {
        const party = parties[one.nth % parties.length];
        const notice = party?.owed[one.nth % Math.max(1, party.owed.length)];
        if (party === undefined || notice === undefined) return;
        const told = await recordNotice(shop.actors, notice, party.gateway.name);
        if (told?.ok === true && !one.again) party.owed.splice(party.owed.indexOf(notice), 1);
        return;
      }
      case 'lose': {
        const party = parties[one.nth % parties.length];
        const [notice] = party?.owed ?? [];
        if (notice !== undefined && !certain.has(notice)) party?.owed.shift();
        return;
      }
      case 'retry': {
        const gateway = { upi: 'razorpay', netbanking: 'payu', paylater: 'pay-later' }[one.method];
        retries += 1;
        const payment = { id: `pay_${`${retries}`.padStart(32, 'f')}` as PaymentId, method: one.method, gateway };
        await shop.actors.order(A).retryPayment({ payment });
        return;
      }
      case 'cancel': {
        const asked = { cancellationId: `c${one.whole}`, reason: 'no', by: 'customer' as const };
        await shop.actors.order(A).cancel(one.whole ? asked : { ...asked, skus: [sku('cup')] });
        return;
      }
      case 'fulfil':
        await shop.actors.order(A).startProcessing({});
        if (one.whole) {
          await shop.actors.order(A).ship({});
          await shop.actors.order(A).deliver({});
        }
        return;
      case 'return': {
        returned += 1;
        const returnId = `ret_${returned}` as ReturnId;
        await shop.actors.order(A).requestReturn({ returnId, reason: 'x' });
        await shop.actors.order(A).receiveReturn({ returnId });
        return;
      }
      case 'settle':
        return shop.settle();
      case 'wait':
        return shop.passes(one.minutes * MINUTE);
      case 'break':
      case 'mend': {
        const party = parties[one.party];
        if (party !== undefined) party.down = one.do === 'break';
        return;
      }
      default:
        return one satisfies never;
    }
  }

  async function tellAll(party: MemoryParty): Promise<void> {
    for (const notice of party.owed.splice(0)) await recordNotice(shop.actors, notice, party.gateway.name);
    await shop.settle();
  }
}

/** What the customer has, or will have, is worth. */
async function owedFor(shop: Shop): Promise<number> {
  const { view: order } = await shop.actors.order.read(A);
  if (order.status === 'NONE' || order.status === 'CANCELLED') return 0;
  const { view: payment } = await shop.actors.payment.read(order.payment.id);
  if (payment.status !== 'captured') return 0;
  return payment.capture === undefined ? 0 : payment.capture.amount - order.refunded;
}

test('the gateways hold what was bought, and no promise stands that nobody keeps', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 40, size: 'max' }),
      fc.constantFrom(...METHODS),
      faults,
      async (steps, first, given) => {
        const { shop, parties } = await live(steps, first, given);
        const order = await shop.order(A);
        expect(['CONFIRMED', 'PROCESSING', 'SHIPPED', 'DELIVERED', 'RETURNED', 'CANCELLED']).toContain(order.status);
        const net = parties.reduce((sum, party) => sum + party.net(), 0);
        const left = order.lines.filter(({ status }) => status !== 'CANCELLED' && status !== 'RETURNED');
        if (left.length === 0) expect(net).toBe(0);
        const waits = order.payment.status === 'authorised';
        expect(parties.reduce((sum, party) => sum + party.standing(), 0)).toBe(waits ? 1 : 0);
        expect(net).toBe(waits ? 0 : await owedFor(shop));
        const { available, reserved } = await shop.sku('kettle');
        const has = order.lines.find((line) => line.sku === sku('kettle'));
        const sold = has?.status !== 'CANCELLED' && has?.status !== 'RETURNED';
        expect([available, reserved]).toEqual([sold ? 0 : 1, 0]);
      },
    ),
    { numRuns: 1_500 },
  );
});
