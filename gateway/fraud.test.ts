import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Paise } from '../actors/ids.ts';
import type { Past } from '../stores/fraud/port.ts';
import { policyFor } from './fraud/fraud.ts';
import { type Person, type TestGateway, testGateway } from './testing/test-gateway.ts';

const CLEAN: Past = { codOrdersRefused: 0, delivered: 9, returned: 1, failedPayments: 0 };

let gateway: TestGateway;
let past: Past = CLEAN;
beforeAll(async () => {
  gateway = await testGateway({
    settings: { shedding: false },
    deps: { pastOrders: { of: async () => past }, fraudPolicy: policyFor(1) },
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

let keys = 0;
/** On delivery, for as much as is looked at from an account that is not a day old. */
async function order(person: Person, { device, state = 'Karnataka' }: { device?: string; state?: string } = {}) {
  const sku = await gateway.sell(5, { unitPrice: 60_000_00 as Paise, mrp: 70_000_00 as Paise });
  await gateway.buy(person, sku);
  const address = await gateway.send({
    method: 'POST',
    url: '/api/users/me/addresses',
    as: person,
    payload: {
      line1: `${++keys} Fraud Lane`,
      city: 'Bengaluru',
      state,
      pincode: '560001',
      type: 'home',
      isDefault: true,
      name: 'A',
      phone: '+919812345678',
    },
  });
  return gateway.send({
    method: 'POST',
    url: '/api/orders',
    as: person,
    key: `k-${keys}`,
    payload: { addressId: address.json().id, payment: { method: 'cod' } },
    ...(device === undefined ? {} : { headers: { 'x-device-id': device } }),
  });
}

const pack = (ops: Person, id: string) =>
  gateway.send({ method: 'POST', url: `/api/orders/${id}/fulfilment`, as: ops, payload: { status: 'PROCESSING' } });
const decide = (ops: Person, id: string, decision: 'approve' | 'reject') =>
  gateway.send({
    method: 'POST',
    url: `/api/fraud/reviews/${id}/decision`,
    as: ops,
    payload: { decision, note: 'Called them' },
  });

async function suspicious(device: string): Promise<{ id: string }> {
  for (let n = 0; n < 6; n++) await order(await gateway.person(), { device });
  const placed = await order(await gateway.person(), { device });
  if (placed.statusCode !== 201) throw new Error(placed.body);
  return placed.json();
}

it('an order that much speaks against is taken, and not packed until somebody has looked', async () => {
  const ops = await gateway.person('ops');
  const { id } = await suspicious('device-review');
  const held = await pack(ops, id);
  expect([held.statusCode, held.json().code]).toEqual([409, 'under-review']);

  const shown = await gateway.send({ url: `/api/fraud/reviews/${id}`, as: ops });
  expect(shown.json()).toMatchObject({ orderId: id, status: 'open', score: 80 });
  expect(shown.json().reasons).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        rule: 'device-accounts',
        points: 40,
        over: 3,
        says: expect.stringContaining('device'),
      }),
    ]),
  );

  const cleared = await decide(ops, id, 'approve');
  expect(cleared.json()).toMatchObject({ status: 'cleared', clearedBy: ops.id, note: 'Called them' });
  expect((await decide(ops, id, 'approve')).statusCode).toBe(200);
  expect((await pack(ops, id)).json().status).toBe('PROCESSING');
});

it('one that too much speaks against is not taken; the cart stays', async () => {
  await suspicious('device-decline');
  const person = await gateway.person();
  const declined = await order(person, { device: 'device-decline', state: 'Punjab' });
  expect([declined.statusCode, declined.json().code]).toEqual([422, 'order-declined']);
  // No word of why to whom it may concern.
  expect(JSON.stringify(declined.json())).not.toContain('device');
  expect((await gateway.send({ url: '/api/cart', as: person })).json().items).toHaveLength(1);
  expect(gateway.logged.some(({ event, user }) => event === 'order-declined' && user === person.id)).toBe(true);
});

it('a single oddity is no reason', async () => {
  const ops = await gateway.person('ops');
  const placed = await order(await gateway.person());
  expect(placed.statusCode).toBe(201);
  expect((await gateway.send({ url: `/api/fraud/reviews/${placed.json().id}`, as: ops })).statusCode).toBe(404);
  expect((await pack(ops, placed.json().id)).json().status).toBe('PROCESSING');
});

it('what the books say is looked at before it is packed; rejected, it is cancelled', async () => {
  const ops = await gateway.person('ops');
  const person = await gateway.person();
  const { id } = (await order(person)).json();
  past = { ...CLEAN, codOrdersRefused: 5 };
  try {
    expect((await pack(ops, id)).json().code).toBe('under-review');
    expect((await pack(ops, id)).json().code).toBe('under-review');
  } finally {
    past = CLEAN;
  }
  const rejected = await decide(ops, id, 'reject');
  expect(rejected.json()).toMatchObject({ status: 'closed', reasons: [{ rule: 'cod-refused', seen: 5 }] });
  const after = await gateway.send({ url: `/api/orders/${id}`, as: person });
  expect(after.json()).toMatchObject({ status: 'CANCELLED', payment: { status: 'not-collected' } });
});

it('customers see nothing of it', async () => {
  const person = await gateway.person();
  const { id } = await suspicious('device-secret');
  for (const url of ['/api/fraud/reviews', `/api/fraud/reviews/${id}`])
    expect((await gateway.send({ url, as: person })).statusCode).toBe(403);
});
