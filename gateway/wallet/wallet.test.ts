/** A customer's wallet through HTTP. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../brokers/launcher/eventually.ts';
import type { WalletEntry } from '../../stores/projections/port.ts';
import { type Person, type TestGateway, testGateway, WEBHOOK_SECRET } from '../testing/test-gateway.ts';

let gateway: TestGateway;
let ops: Person;
const entry = { version: 3, at: 0, type: 'ToppedUp', reference: 'top_1', amount: 5, ownChange: 5, creditChange: 0 };
beforeAll(async () => {
  const data = [{ ...entry, balance: 5, credit: 0 } as WalletEntry];
  gateway = await testGateway({ deps: { walletStatement: { of: async () => ({ data, nextCursor: null }) } } });
  ops = await gateway.person('ops');
});
afterAll(() => gateway[Symbol.asyncDispose]());

const read = async (as: Person) => (await gateway.send({ url: '/api/wallet', as })).json();
const verify = (who: Person, level = 'minimum', as = ops) =>
  gateway.send({ method: 'PUT', url: `/api/wallets/${who.id}/kyc`, payload: { level, reference: 'kyc_1' }, as });
let keys = 0;
const topUp = (as: Person, amount: unknown, key = `top-up-${++keys}`, method = 'upi') =>
  gateway.send({ method: 'POST', url: '/api/wallet/top-up', payload: { amount, method }, as, key });
function paid(paymentId: string, amount: number) {
  const payload = JSON.stringify({ paymentId, amount });
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(payload).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-razorpay-signature': signature };
  return gateway.send({ method: 'POST', url: '/api/payments/webhooks/razorpay', payload, headers });
}

describe('a top-up', () => {
  it('is credited when its payment is told, once, however often it is', async () => {
    const asha = await gateway.person();
    expect(await verify(asha)).toMatchObject({ statusCode: 200 });
    const [first, again] = [await topUp(asha, 50_000, 'asha-1'), await topUp(asha, 50_000, 'asha-1')];
    expect(first).toMatchObject({ statusCode: 201 });
    expect(again.json()).toEqual(first.json());
    expect(again.headers['idempotency-replayed']).toBe('true');
    const { id, paymentId, paymentUrl } = first.json();
    expect(paymentUrl).toContain(paymentId);
    expect(await read(asha)).toMatchObject({ balance: 0, topUps: [{ id, amount: 50_000, status: 'pending' }] });
    for (let n = 0; n < 3; n++) expect(await paid(paymentId, 50_000)).toMatchObject({ statusCode: 200 });
    const now = await eventually(async () => {
      const wallet = await read(asha);
      return wallet.balance > 0 ? wallet : undefined;
    });
    expect(now).toMatchObject({
      ...{ userId: asha.id, available: 50_000, balance: 50_000, credit: 0, held: 0, currency: 'INR' },
      topUps: [{ id, status: 'credited' }],
      limits: { month: 1_000_000, loadedInMonth: 50_000, room: 950_000 },
    });
  });

  it('needs a key, a gateway, an amount that is one, and room', async () => {
    const ravi = await gateway.person();
    const without = await gateway.send({
      method: 'POST',
      url: '/api/wallet/top-up',
      payload: { amount: 100, method: 'upi' },
      as: ravi,
    });
    expect(without.json().code).toBe('idempotency-key-required');
    const unknown = await topUp(ravi, 50_000);
    expect([unknown.statusCode, unknown.json()]).toMatchObject([
      409,
      { code: 'wallet-limit', limit: 'no-kyc', room: 0 },
    ]);
    await verify(ravi);
    const much = await topUp(ravi, 1_000_001);
    expect([much.statusCode, much.json()]).toMatchObject([409, { code: 'wallet-limit', room: 1_000_000 }]);
    for (const amount of [99, 0, -100, 100.5, '100', 20_000_001, null])
      expect((await topUp(ravi, amount)).statusCode, String(amount)).toBe(400);
    for (const method of ['cod', 'wallet', 'netbanking'])
      expect((await topUp(ravi, 50_000, undefined, method)).statusCode).toBe(400);
    expect(await read(ravi)).toMatchObject({ balance: 0, topUps: [] });
  });
});

describe('operations', () => {
  it('give credit, once for a key, and nobody else does', async () => {
    const [asha, other] = [await gateway.person(), await gateway.person()];
    const give = (as: Person, of: object = {}, to = asha.id, key = 'give-1') => {
      const payload = { amount: 10_000, expiresAt: '2099-01-01T00:00:00Z', reason: 'Late parcel', ...of };
      return gateway.send({ method: 'POST', url: `/api/wallets/${to}/credits`, payload, as, key });
    };
    expect(await give(ops)).toMatchObject({ statusCode: 201 });
    expect((await give(ops)).json()).toMatchObject({ credit: 10_000, available: 10_000 });
    expect((await read(asha)).credits).toMatchObject([{ amount: 10_000, expiresAt: '2099-01-01T00:00:00.000Z' }]);
    const late = await give(ops, { expiresAt: '2020-01-01T00:00:00Z' }, asha.id, 'give-2');
    expect([late.statusCode, late.json().errors]).toMatchObject([400, [{ path: 'expiresAt' }]]);
    expect((await give(ops, {}, 'usr_nobody', 'give-3')).statusCode).toBe(404);
    expect((await give(asha, {}, asha.id, 'give-4')).statusCode).toBe(403);
    expect((await verify(asha, 'full', asha)).statusCode).toBe(403);
    expect((await verify({ ...asha, id: 'usr_nobody' })).statusCode).toBe(404);
    const seen = (as: Person) => gateway.send({ url: `/api/wallets/${asha.id}`, as });
    expect((await seen(other)).statusCode).toBe(403);
    expect((await seen(ops)).json()).toMatchObject({ userId: asha.id, credit: 10_000 });
    expect((await read(other)).credit).toBe(0);
  });
});

it('a statement says what has moved', async () => {
  const asha = await gateway.person();
  const { statusCode, body } = await gateway.send({ url: '/api/wallet/statement?limit=5', as: asha });
  expect([statusCode, JSON.parse(body)]).toEqual([
    200,
    {
      data: [
        {
          ...{ id: 3, at: '1970-01-01T00:00:00.000Z', type: 'top-up', reference: 'top_1', amount: 5 },
          ...{ balanceChange: 5, creditChange: 0, balance: 5, credit: 0, currency: 'INR' },
        },
      ],
      nextCursor: null,
    },
  ]);
  expect((await gateway.send({ url: '/api/wallet/statement' })).statusCode).toBe(401);
  expect((await gateway.send({ url: '/api/wallet' })).statusCode).toBe(401);
});
