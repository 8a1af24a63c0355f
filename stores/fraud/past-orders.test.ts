import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrderId, UserId } from '../../actors/ids.ts';
import { FRAUD_LIMITS, FRAUD_RULES } from '../../config/fraud.ts';
import { BeforeShipping } from '../../gateway/fraud/before-shipping.ts';
import { freshStand, type Stand } from '../projections/testing/stand.ts';
import { createPastOrders } from './past-orders.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await freshStand();
});
afterAll(() => stand[Symbol.asyncDispose]());

let made = 0;
async function order(userId: string, status: string, { method = 'upi', daysAgo = 10, failures = 0 } = {}) {
  const id = `ord_${++made}` as OrderId;
  await stand.pool.query(
    `insert into orders (id, user_id, status, item_count, items_total, discount, shipping, tax, total, refunded,
       payment_id, payment_method, payment_gateway, payment_status, shipping_address, reserved_until, created_at,
       updated_at, version)
     values ($1, $2, $3, 1, 100, 0, 0, 0, 100, 0, 'pay_' || $1, $4, 'x', 'captured', '{}', now(),
       now() - make_interval(days => $5), now(), 1)`,
    [id, userId, status, method, daysAgo],
  );
  await stand.pool.query(
    `insert into payments (id, order_id, user_id, method, gateway, status, amount, captured, refunded, failures,
       created_at, updated_at, version)
     values ('pay_' || $1, $1, $2, $3, 'x', 'captured', 100, 100, 0, $4, now(), now(), 1)`,
    [id, userId, method, failures],
  );
  return id;
}

test('half a year of one customer’s orders, but not the one that is asked about', async () => {
  const past = createPastOrders(stand.pool);
  const asha = 'usr_asha' as UserId;
  const now = await order(asha, 'CONFIRMED', { failures: 3 });
  for (const status of ['CANCELLED', 'RETURNED', 'DELIVERED']) await order(asha, status, { method: 'cod' });
  await order(asha, 'CANCELLED');
  await order(asha, 'CANCELLED', { method: 'cod', daysAgo: 200 });
  await order('usr_else', 'CANCELLED', { method: 'cod' });
  expect(await past.of(asha, now)).toEqual({ codOrdersRefused: 2, delivered: 2, returned: 1, failedPayments: 3 });
  expect(await past.of('usr_new' as UserId, 'ord_none' as OrderId)).toEqual({
    codOrdersRefused: 0,
    delivered: 0,
    returned: 0,
    failedPayments: 0,
  });
});

test('who called off four orders on delivery is looked at before the next one leaves', async () => {
  const judge = new BeforeShipping(createPastOrders(stand.pool), { rules: FRAUD_RULES, limits: FRAUD_LIMITS });
  const userId = 'usr_ravi' as UserId;
  const id = await order(userId, 'CONFIRMED', { method: 'cod' });
  expect((await judge.judge({ id, userId })).decision).toBe('accept');
  for (let n = 0; n < 4; n++) await order(userId, 'CANCELLED', { method: 'cod' });
  expect(await judge.judge({ id, userId })).toMatchObject({
    decision: 'review',
    reasons: [{ rule: 'cod-refused', seen: 4, over: 3 }],
  });
});

test('most of what was sent came back', async () => {
  const judge = new BeforeShipping(createPastOrders(stand.pool), { rules: FRAUD_RULES, limits: FRAUD_LIMITS });
  const userId = 'usr_mira' as UserId;
  for (let n = 0; n < 4; n++) await order(userId, 'RETURNED');
  expect((await judge.judge({ id: 'ord_x' as OrderId, userId })).score).toBe(0);
  await order(userId, 'RETURNED');
  expect((await judge.judge({ id: 'ord_x' as OrderId, userId })).reasons).toMatchObject([
    { rule: 'returns', seen: 100 },
  ]);
});
