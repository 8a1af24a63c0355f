import { beforeEach, expect, test } from 'vitest';
import type { Actors } from '../../clients.ts';
import { type OrderId, type PromotionId, paise, type UserId } from '../../ids.ts';
import type { QuotaLimits } from '../../quota/quota.ts';
import { memoryActors } from '../testing/memory-actors.ts';
import { claimOffers, confirmOffers, releaseOffers } from './claims.ts';

const [COUPON, BANK] = ['prm_TEA10' as PromotionId, 'prm_1' as PromotionId];
const OFFERS = [
  { id: COUPON, amount: paise(100_00) },
  { id: BANK, amount: paise(50_00) },
];
const HOLD_MS = 60_000;
const LIMITS: QuotaLimits = { uses: 1, budget: null, perCustomer: null };

let now: number;
let actors: Actors;
beforeEach(async () => {
  now = 1_767_225_600_000;
  actors = memoryActors({
    now: () => now,
    step: async (_, effect) => effect(),
    recorded: () => {},
    commandWindow: 0,
  });
  await actors.quota(COUPON).set({ limits: LIMITS });
  await actors.quota(BANK).set({ limits: { ...LIMITS, uses: null, budget: paise(70_00) } });
});

const idOf = (n: number) => `ord_${n}` as OrderId;
const claim = (n: number) =>
  claimOffers(actors, { orderId: idOf(n), customer: `usr_${n}` as UserId, offers: OFFERS, expiresAt: now + HOLD_MS });
const usesOf = async (id: PromotionId) => {
  const { held, confirmed, spent } = (await actors.quota.read(id)).view;
  return [held, confirmed, spent];
};

test('all are claimed, and confirmed when the order is paid; repeats change nothing', async () => {
  expect([await claim(1), await claim(1)]).toEqual([{ ok: true }, { ok: true }]);
  expect(await usesOf(BANK)).toEqual([1, 0, 50_00]);
  expect(await confirmOffers(actors, idOf(1), OFFERS)).toEqual([]);
  expect(await confirmOffers(actors, idOf(1), OFFERS)).toEqual([]);
  expect([await usesOf(COUPON), await usesOf(BANK)]).toEqual([
    [0, 1, 100_00],
    [0, 1, 50_00],
  ]);
});

test('or none: what was granted is given back when another is refused, and the reasons are told', async () => {
  await actors
    .quota(COUPON)
    .claim({ orderId: idOf(9), customer: 'usr_9' as UserId, expiresAt: now + HOLD_MS, amount: paise(1) });
  expect(await claim(1)).toEqual({ ok: false, outOfReach: { [COUPON]: 'offer-exhausted' } });
  expect(await usesOf(BANK)).toEqual([0, 0, 0]);
  await actors.quota(COUPON).close({});
  expect(await claim(1)).toEqual({ ok: false, outOfReach: { [COUPON]: 'offer-paused' } });
});

test('an offer whose quota is not there yet is not on yet', async () => {
  const offers = [{ id: 'prm_2' as PromotionId, amount: paise(1) }];
  const customer = 'usr_1' as UserId;
  expect(await claimOffers(actors, { orderId: idOf(1), customer, offers, expiresAt: now + HOLD_MS })).toEqual({
    ok: false,
    outOfReach: { prm_2: 'offer-paused' },
  });
});

test('an order that ends gives them back, before it is paid and after', async () => {
  await claim(1);
  await releaseOffers(actors, idOf(1), OFFERS);
  expect(await claim(2)).toEqual({ ok: true });
  await confirmOffers(actors, idOf(2), OFFERS);
  await releaseOffers(actors, idOf(2), OFFERS);
  expect([await usesOf(COUPON), await usesOf(BANK)]).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('paid too late, when others have had them: told, so that somebody decides who bears it', async () => {
  await claim(1);
  now += HOLD_MS;
  expect(await claim(2)).toEqual({ ok: true });
  expect(await confirmOffers(actors, idOf(1), OFFERS)).toEqual(OFFERS);
  expect(await confirmOffers(actors, idOf(2), OFFERS)).toEqual([]);
});
