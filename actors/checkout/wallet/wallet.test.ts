/** Money between payments, orders and the wallet: whatever is repeated, crashes or is never told, each paisa is somewhere once. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GrantId, type Paise, paise, type RefundId, type TopUpId } from '../../ids.ts';
import { recordNotice } from '../payments/notices.ts';
import { MemoryParty } from '../testing/memory-party.ts';
import { type Faults, openShop, orderId, USER } from '../testing/shop.ts';
import { commitOfWallet, holdOfWallet, type Legs, refundToWallet, releaseOfWallet, splitRefund } from './leg.ts';
import { openTopUp } from './open-top-up.ts';
import { paymentOfTopUp } from './top-ups.ts';

const MINUTE = 60_000;
const TOP = 'top_00000000000000000000000000000001' as TopUpId;
const OTHER = 'top_00000000000000000000000000000002' as TopUpId;
const A = orderId(1);

async function opened(faults: Faults = {}) {
  const party = new MemoryParty('razorpay', ['upi'], 'prepaid');
  const shop = openShop({ ...faults, gateways: [party.gateway] });
  const { actors } = shop;
  await actors.wallet(USER).recordKyc({ level: 'minimum', reference: 'kyc_1' });
  const ask = (topUpId: TopUpId, amount: Paise) =>
    openTopUp(
      { actors, gateways: [party.gateway] },
      { userId: USER, topUpId, amount, method: 'upi', gateway: 'razorpay', expiresAt: shop.at() + 30 * MINUTE },
    );
  const tell = async () => {
    for (const notice of party.owed.splice(0)) await recordNotice(actors, notice, 'razorpay');
    await shop.settle();
  };
  return { shop, actors, party, ask, tell, wallet: async () => (await actors.wallet.read(USER)).view };
}

describe('a top-up', () => {
  test('is credited when it is paid', async () => {
    const { party, ask, tell, wallet, shop } = await opened();
    expect(await ask(TOP, paise(500_00))).toMatchObject({ as: 'page' });
    expect(await ask(TOP, paise(500_00))).toMatchObject({ as: 'page' });
    expect(await wallet()).toMatchObject({ balance: 0, topUps: [{ topUpId: TOP, status: 'pending' }] });
    party.pay(paymentOfTopUp(TOP), true, shop.at());
    await tell();
    expect(await wallet()).toMatchObject({ balance: 500_00, topUps: [{ topUpId: TOP, status: 'credited' }] });
    expect(party.net()).toBe(500_00);
  });

  test('is refused above the limits before anybody pays', async () => {
    const { ask, party } = await opened();
    expect(await ask(TOP, paise(10_000_01))).toMatchObject({ as: 'refused', why: { limit: 'balance' } });
    expect(party.held.size).toBe(0);
  });

  test('that is paid too late to have room goes back to where it came from', async () => {
    const { ask, tell, party, shop, wallet } = await opened();
    await ask(TOP, paise(9_000_00));
    await shop.passes(31 * MINUTE);
    await ask(OTHER, paise(9_000_00));
    for (const id of [OTHER, TOP]) party.pay(paymentOfTopUp(id), true, shop.at());
    const [first, second] = party.owed.splice(0);
    if (first === undefined || second === undefined) throw new Error('two notices are owed');
    for (const notice of [first, second]) party.owed.push(notice);
    await tell();
    const now = await wallet();
    expect(now.balance).toBe(9_000_00);
    expect(now.topUps.map(({ status }) => status).toSorted()).toEqual(['credited', 'refused']);
    expect(party.net()).toBe(9_000_00);
  });

  test('of which no webhook comes is asked for when its time is over', async () => {
    const { ask, party, shop, actors, wallet } = await opened();
    await ask(TOP, paise(500_00));
    party.pay(paymentOfTopUp(TOP), true, shop.at());
    party.owed.splice(0);
    shop.skip(30 * MINUTE);
    party.down = true;
    await actors.wallet(USER).remind({ name: 'expiry' });
    await shop.settle();
    expect((await wallet()).balance).toBe(0);
    party.down = false;
    await shop.passes(MINUTE);
    expect((await wallet()).balance).toBe(500_00);
  });

  test('is credited once, whoever dies in between, however often it is told', async () => {
    const crash = fc.record({ step: fc.nat(40), when: fc.constantFrom('before' as const, 'after' as const) });
    const faults: fc.Arbitrary<Faults> = fc.record({
      crashes: fc.array(crash, { maxLength: 6 }),
      waits: fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }),
      twice: fc.constantFrom('no' as const, 'together' as const, 'straggling' as const),
      commandWindow: fc.constantFrom(0, 64),
    });
    await fc.assert(
      fc.asyncProperty(faults, fc.integer({ min: 1, max: 4 }), fc.boolean(), async (given, times, full) => {
        const { party, ask, shop, actors, wallet } = await opened(given);
        await ask(TOP, paise(500_00));
        // The room is gone when it is paid.
        if (full) await actors.wallet(USER).topUp({ topUpId: OTHER, amount: paise(10_000_00) });
        party.pay(paymentOfTopUp(TOP), true, shop.at());
        const [notice] = party.owed.splice(0);
        if (notice === undefined) throw new Error('a notice is owed');
        for (let n = 0; n < times; n++) {
          await recordNotice(actors, notice, 'razorpay');
          await shop.settle();
        }
        await shop.passes(60 * MINUTE);
        await shop.passes(60 * MINUTE);
        expect((await wallet()).balance).toBe(full ? 10_000_00 : 500_00);
        expect(party.net()).toBe(full ? 0 : 500_00);
      }),
      { numRuns: 400 },
    );
  });
});

describe('the wallet as a leg of a payment', () => {
  const funded = async () => {
    const all = await opened();
    await all.actors.wallet(USER).topUp({ topUpId: TOP, amount: paise(300_00) });
    const grant = { grantId: 'grt_1' as GrantId, amount: paise(50_00), reason: 'welcome' };
    await all.actors.wallet(USER).grant({ ...grant, expiresAt: all.shop.at() + 60 * MINUTE });
    const of = { orderId: A, userId: USER };
    const until = all.shop.at() + 10 * MINUTE;
    return { ...all, of, until };
  };

  test('gives what it has, and is asked once', async () => {
    const { actors, of, until, wallet } = await funded();
    const asked = { ...of, amount: paise(400_00), until, whole: false };
    const held = { ok: true, held: 350_00, of: { own: 300_00, credit: 50_00 }, rest: 50_00 };
    expect(await holdOfWallet(actors, { ...asked, whole: true })).toMatchObject({ ok: false });
    expect(await holdOfWallet(actors, asked)).toEqual(held);
    expect(await holdOfWallet(actors, asked)).toEqual(held);
    expect(await commitOfWallet(actors, of)).toBe(true);
    expect(await commitOfWallet(actors, of)).toBe(true);
    expect(await releaseOfWallet(actors, of)).toBe(false);
    expect(await wallet()).toMatchObject({ balance: 0, credit: 0, held: { own: 0, credit: 0 } });
    const refund = { ...of, refundId: 'rfd_1' as RefundId, amount: paise(320_00) };
    expect(await refundToWallet(actors, refund)).toEqual({ own: 300_00, credit: 20_00 });
    expect(await refundToWallet(actors, refund)).toEqual({ own: 300_00, credit: 20_00 });
    await expect(refundToWallet(actors, { ...refund, refundId: 'rfd_2' as RefundId })).rejects.toThrow(
      'nothing-to-refund',
    );
  });

  test('gives it back, and says when what it held is spent', async () => {
    const { actors, of, until, shop, wallet } = await funded();
    const other = { ...of, orderId: orderId(2) };
    const asked = { amount: paise(350_00), until, whole: true };
    await holdOfWallet(actors, { ...of, ...asked });
    shop.skip(10 * MINUTE);
    const later = { ...other, ...asked, until: until + MINUTE };
    expect(await holdOfWallet(actors, later)).toMatchObject({ ok: true });
    expect(await commitOfWallet(actors, of)).toBe(false);
    expect(await releaseOfWallet(actors, other)).toBe(true);
    expect(await releaseOfWallet(actors, other)).toBe(true);
    expect(await commitOfWallet(actors, of)).toBe(true);
    expect(await wallet()).toMatchObject({ balance: 0, credit: 0 });
    await expect(commitOfWallet(actors, { ...of, orderId: orderId(3) })).rejects.toThrow('no-hold');
  });

  test('a refund by legs adds up, and gives no leg more than it took', () => {
    const amount = fc.integer({ min: 0, max: 1_000_000 }).map((of) => paise(of));
    fc.assert(
      fc.property(amount, amount, fc.double({ min: 0, max: 1, noNaN: true }), (wallet, other, part) => {
        const left: Legs = { wallet, other };
        const refund = paise(Math.floor((wallet + other) * part));
        const legs = splitRefund(refund, left);
        expect(legs.wallet + legs.other).toBe(refund);
        expect(legs.wallet).toBeLessThanOrEqual(wallet);
        expect(legs.other).toBeLessThanOrEqual(other);
        if (legs.wallet > 0) expect(legs.other).toBe(other);
      }),
    );
    expect(() => splitRefund(paise(3), { wallet: paise(1), other: paise(1) })).toThrow(RangeError);
    expect(() => splitRefund(paise(-1), { wallet: paise(1), other: paise(1) })).toThrow(RangeError);
  });
});
