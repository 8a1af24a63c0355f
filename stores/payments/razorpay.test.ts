import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { freePort } from '../../brokers/launcher/servers/ports.ts';
import {
  amount,
  credentials,
  openTill,
  payment,
  refundIdOf,
  webhookSecret,
} from '../../gateway/simulator/testing/till.ts';
import { createRazorpay, type RazorpaySettings } from './razorpay.ts';

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );

/** A party that answers every request with this. */
async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const settings: RazorpaySettings = {
    ...credentials,
    baseUrl: `http://127.0.0.1:${port}`,
    retryWithinMs: 0,
    webhookSecrets: ['unused'],
    paymentUrlOf: (id) => `https://shop.example/pay/${id}`,
  };
  return {
    asked,
    razorpay: createRazorpay(settings),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('answers', () => {
  const error = (code: string, description: string) => JSON.stringify({ error: { code, description } });
  const cases: readonly [name: string, status: number, body: string, expected: object][] = [
    ['a refusal', 400, error('BAD_REQUEST_ERROR', 'No'), { code: 'refused', retryable: false }],
    [
      'our key refused',
      401,
      error('BAD_REQUEST_ERROR', 'Authentication failed'),
      { code: 'unavailable', retryable: true },
    ],
    ['too many requests', 429, error('BAD_REQUEST_ERROR', 'Slowly'), { code: 'unavailable', retryable: true }],
    ['trouble of theirs', 502, '<html>Bad gateway</html>', { code: 'unavailable', retryable: true }],
    ['trouble with an empty body', 500, '', { code: 'unavailable', retryable: true }],
    ['trouble with a null body', 503, 'null', { retryable: true }],
    ['a redirect', 302, '', { code: 'invalid-answer' }],
    ['no JSON', 200, '<html>Hello</html>', { code: 'invalid-answer' }],
    ['another shape', 200, '{"id":"order_1"}', { code: 'invalid-answer' }],
    ['half a paisa', 200, orderWith({ amount: 1.5 }), { code: 'invalid-answer' }],
    ['another currency', 200, orderWith({ currency: 'USD' }), { code: 'invalid-answer' }],
  ];
  it.each(cases)('%s', async (_name, status, body, expected) => {
    await using party = await answering(status, body, status === 302 ? { location: '/elsewhere' } : {});
    expect(await failureOf(party.razorpay.open(payment()))).toMatchObject(expected);
    expect(party.asked).toEqual(['POST /v1/orders']);
  });

  it('with more in them than we know are good', async () => {
    await using party = await answering(200, orderWith({ brand_new: { nested: [1] } }));
    expect(await party.razorpay.open(payment())).toEqual({
      gatewayOrderId: 'order_IluGWxBm9U8zJ8',
      paymentUrl: 'https://shop.example/pay/order_IluGWxBm9U8zJ8',
    });
  });

  function orderWith(changes: object): string {
    const order = { id: 'order_IluGWxBm9U8zJ8', entity: 'order', amount: 50_000, currency: 'INR', status: 'created' };
    return JSON.stringify({ ...order, receipt: 'rcptid_11', attempts: 0, notes: [], ...changes });
  }
});

describe('silence', () => {
  it('is over after the time-out', async () => {
    await using till = await openTill();
    await till.set({ api: { delayMs: 5_000 } });
    const begun = performance.now();
    expect(await failureOf(till.razorpay.open(payment()))).toMatchObject({ code: 'timeout', retryable: true });
    expect(performance.now() - begun).toBeLessThan(1_500);
  });

  it('of nobody there is `unavailable`', async () => {
    await using till = await openTill();
    const nowhere = till.adapter({ baseUrl: `http://127.0.0.1:${await freePort()}` });
    expect(await failureOf(nowhere.open(payment()))).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('after an order was made: the retry finds it by its receipt', async () => {
    await using till = await openTill({ retryWithinMs: 3_000 });
    await till.set({ api: { loseNext: 1 } });
    const opened = await till.razorpay.open(payment());
    const authorization = `Basic ${Buffer.from(`${credentials.keyId}:${credentials.keySecret}`).toString('base64')}`;
    const made = await fetch(`${till.url}/v1/orders`, { headers: { authorization } });
    expect(await made.json()).toMatchObject({ count: 1, items: [{ id: opened?.gatewayOrderId }] });
  });

  it('and trouble are retried a few times', async () => {
    await using till = await openTill({ retryWithinMs: 3_000 });
    await till.set({ api: { failNext: 1 } });
    expect(await till.razorpay.open(payment())).toBeDefined();
    await till.set({ api: { failNext: 100 } });
    expect(await failureOf(till.razorpay.open(payment()))).toMatchObject({ code: 'unavailable' });
  });

  it('is not waited for by everybody: after some in a row nobody asks for a moment', async () => {
    await using till = await openTill({ breaker: { failures: 3, openMs: 60_000 } });
    await till.set({ api: { failNext: 3 } });
    for (let n = 0; n < 3; n += 1) await failureOf(till.razorpay.open(payment(n)));
    expect(await failureOf(till.razorpay.open(payment()))).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('not asked for a moment'),
    });
    // The party is well again, and another adapter finds it so.
    expect(await till.adapter({}).open(payment())).toBeDefined();
  });
});

it('tells nobody the key', async () => {
  await using till = await openTill({ keySecret: 'a-wrong-secret' });
  const error = await failureOf(till.razorpay.open(payment()));
  const { inspect } = await import('node:util');
  const told = inspect(error, { depth: 20, showHidden: true });
  expect(told).toContain('Authentication failed');
  expect(told).not.toContain('a-wrong-secret');
  expect(told).not.toContain(Buffer.from(`${credentials.keyId}:a-wrong-secret`).toString('base64'));
});

it('tries a refund that failed at the bank again, as another one', async () => {
  await using till = await openTill();
  const { gatewayPaymentId } = await till.paid();
  const refund = { ...payment(), refundId: refundIdOf(1), gatewayPaymentId, reason: 'late' };
  await till.set({ refunds: { end: 'failed' } });
  const first = await till.razorpay.refund(refund);
  expect(first.status).toBe('requested');
  await till.set({ refunds: { end: 'processed' } });
  const second = await till.razorpay.refund(refund);
  expect(second.status).toBe('processed');
  expect(second.gatewayRefundId).not.toBe(first.gatewayRefundId);
  expect(await till.razorpay.refund(refund)).toEqual(second);
  expect((await till.ledger()).orders).toMatchObject([{ captured: amount, refunded: amount }]);
});

describe('asked for a payment of which no webhook came', () => {
  const status = async (till: Awaited<ReturnType<typeof openTill>>, gatewayOrderId: string) =>
    (await till.razorpay.status?.({ ...payment(), gatewayOrderId })) ?? [];

  it('a capture stays one when all of it was refunded', async () => {
    await using till = await openTill();
    const { gatewayOrderId, gatewayPaymentId } = await till.paid();
    await till.razorpay.refund({ ...payment(), refundId: refundIdOf(1), gatewayPaymentId, reason: 'late' });
    expect(await status(till, gatewayOrderId)).toMatchObject([
      { type: 'captured', gatewayPaymentId, amount },
      { type: 'refunded', refundId: refundIdOf(1) },
    ]);
  });

  it('is found at the order that a lost answer had made, too', async () => {
    await using till = await openTill();
    await till.set({ api: { loseNext: 1 }, webhooks: { missNext: 100 } });
    expect(await failureOf(till.razorpay.open(payment()))).toMatchObject({ retryable: true });
    const shown = await till.razorpay.open(payment());
    const authorization = `Basic ${Buffer.from(`${credentials.keyId}:${credentials.keySecret}`).toString('base64')}`;
    const made: { items: { id: string }[] } = JSON.parse(
      await (await fetch(`${till.url}/v1/orders`, { headers: { authorization } })).text(),
    );
    const lost = made.items.find(({ id }) => id !== shown?.gatewayOrderId);
    await till.pay(String(lost?.id));
    expect(await status(till, String(shown?.gatewayOrderId))).toMatchObject([{ type: 'captured', amount }]);
    expect(till.deliveries).toEqual([]);
  });
});

it('believes webhooks by secrets that change while it runs', async () => {
  let secrets: readonly [string, ...string[]] = ['another'];
  await using till = await openTill();
  await till.paid();
  const { headers, body } = await eventually(() => till.deliveries[0]);
  const rotating = till.adapter({ webhookSecrets: () => secrets });
  expect(await rotating.readWebhook(Buffer.from(body), headers)).toBeUndefined();
  secrets = ['another', webhookSecret];
  expect(await rotating.readWebhook(Buffer.from(body), headers)).toMatchObject({ type: 'captured' });
});
