/** Wallets on real servers, through HTTP, while the nodes that keep them come and go. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type GrantId, type OrderId, paise, type UserId } from '../../actors/ids.ts';
import { eventually } from '../../brokers/launcher/test-servers.ts';
import { ACTOR_NODE } from '../system.ts';
import { type Counter, type Customer, openCounter } from './counter.ts';

const TIMEOUT = 90_000;
const SETTLED_MS = 30_000;
let counter: Counter;
beforeAll(async () => {
  counter = await openCounter();
  await counter.system.start(['projections'], { shedding: false });
}, 60_000);
afterAll(() => counter[Symbol.asyncDispose]());

const walletDocument = z.object({ userId: z.string(), balance: z.int(), credit: z.int(), held: z.int() });
const pageToPay = z.object({ paymentId: z.string(), paymentUrl: z.string() });
const statement = z.object({
  data: z.array(z.object({ type: z.string(), balance: z.int(), credit: z.int(), balanceChange: z.int() })),
  nextCursor: z.string().nullable(),
});

async function verified(): Promise<Customer & { readonly id: UserId }> {
  const who = await counter.customer();
  const { userId } = await walletOf(who);
  const body = { level: 'minimum', reference: 'kyc_1' };
  expect((await counter.ask(undefined, 'PUT', `/api/wallets/${userId}/kyc`, body)).status).toBe(200);
  return { ...who, id: userId as UserId };
}

const walletOf = async (who: Customer) => walletDocument.parse((await counter.ask(who, 'GET', '/api/wallet')).body);

/** All of it, page by page. */
async function movementsOf(who: Customer) {
  const all: z.infer<typeof statement>['data'] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`;
    const page: z.infer<typeof statement> = statement.parse(
      (await counter.ask(who, 'GET', `/api/wallet/statement${query}`)).body,
    );
    all.push(...page.data);
    cursor = page.nextCursor;
  }
  return all;
}

async function toppedUp(who: Customer, amount: number): Promise<string> {
  const asked = await counter.ask(who, 'POST', '/api/wallet/top-up', { amount, method: 'upi' });
  expect(asked.status).toBe(201);
  const { paymentId, paymentUrl } = pageToPay.parse(asked.body);
  const paid = await fetch(paymentUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ outcome: 'success' }),
  });
  expect(paid.ok).toBe(true);
  return paymentId;
}

test('top-ups are credited once each, told many times, while their nodes come and go', {
  timeout: TIMEOUT,
}, async () => {
  await counter.trouble('razorpay', { webhooks: { duplicates: 2, reorder: true } });
  const people = await Promise.all(Array.from({ length: 6 }, verified));
  const amounts = [100_00, 250_00, 75_50];
  const rounds = (async () => {
    for (const amount of amounts) await Promise.all(people.map((who) => toppedUp(who, amount)));
  })();
  for (let n = 0; n < 3; n++) {
    const other = await counter.system.start(ACTOR_NODE, { shedding: false });
    await other.stop();
  }
  await rounds;
  const whole = amounts.reduce((sum, amount) => sum + amount, 0);
  for (const who of people) {
    await eventually(async () => (await walletOf(who)).balance >= whole, { withinMs: SETTLED_MS });
    expect((await walletOf(who)).balance).toBe(whole);
  }
  // As PostgreSQL has it.
  for (const who of people) {
    const movements = await eventually(
      async () => {
        const all = await movementsOf(who);
        return all.length === amounts.length ? all : undefined;
      },
      { withinMs: SETTLED_MS },
    );
    expect(movements.map(({ balanceChange }) => balanceChange).toSorted()).toEqual(amounts.toSorted());
    expect(movements[0]?.balance).toBe(whole);
  }
});

test('a hold and credit end by themselves, when nobody asks', { timeout: TIMEOUT }, async () => {
  const who = await verified();
  const wallet = counter.actors.wallet(who.id);
  const expiresAt = Date.now() + 2_000;
  await wallet.grant({
    grantId: 'grt_1' as GrantId,
    amount: paise(50_00),
    expiresAt: expiresAt + 1_000,
    reason: 'test',
  });
  const amount = paise(20_00);
  expect(await wallet.hold({ orderId: 'ord_1' as OrderId, amount, until: expiresAt })).toMatchObject({ ok: true });
  const ended = await eventually(
    async () => {
      const all = await movementsOf(who);
      return all[0]?.credit === 0 && all.length > 3 ? all : undefined;
    },
    { withinMs: SETTLED_MS, what: 'credit that has expired in the books' },
  );
  expect(ended.map(({ type }) => type)).toEqual(['credit-expired', 'release', 'hold', 'credit']);
});

test('50 spends at once of what is enough for 10, through HTTP’s own node: 10 are paid', {
  timeout: TIMEOUT,
}, async () => {
  const who = await verified();
  await toppedUp(who, 1_000_00);
  await eventually(async () => (await walletOf(who)).balance === 1_000_00, { withinMs: SETTLED_MS });
  const spends = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      counter.actors.wallet(who.id).pay({ orderId: `ord_${n}` as OrderId, amount: paise(100_00) }),
    ),
  );
  expect(spends.filter(({ ok }) => ok)).toHaveLength(10);
  expect(await walletOf(who)).toMatchObject({ balance: 0, held: 0 });
});

test('nothing failed on the way', () => {
  expect(counter.failures()).toEqual([]);
});
