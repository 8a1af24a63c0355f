import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../brokers/launcher/eventually.ts';
import { ALL, CALM } from './overload/controller.ts';
import { Gate } from './overload/gate.ts';
import { NO_CALLS } from './overload/pressure.ts';
import { type Person, type TestGateway, testGateway, WEBHOOK_SECRET } from './testing/test-gateway.ts';

/** A gateway that lets in what this level says. */
const gatewayAt = (level: number, most = 512): Promise<TestGateway> =>
  testGateway({ deps: { gate: new Gate({ control: { ...CALM, level }, most }) } });

const webhook = () => {
  const payload = JSON.stringify({ paymentId: 'pay_0', amount: 1 });
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(payload).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-razorpay-signature': signature };
  return { method: 'POST', url: '/api/payments/webhooks/razorpay', payload, headers } as const;
};
/** First to go first. */
const REQUESTS = [
  { url: '/openapi.json' },
  { url: '/api/categories' },
  { url: '/api/products' },
  { url: '/api/cart' },
  { url: '/api/orders/ord_018f3c1e9b7a7cc09f2b1c3d4e5f6a7b' },
  webhook(),
] as const;

describe('shedding', () => {
  let calm: TestGateway;
  let asha: Person;
  beforeAll(async () => {
    calm = await testGateway();
    asha = await calm.person();
  });
  afterAll(() => calm[Symbol.asyncDispose]());

  it.each([5, 4, 3, 2, 1])('at level %d: what is above is served, what is below is refused', async (level) => {
    await using gateway = await gatewayAt(level);
    const refused = await Promise.all(
      REQUESTS.map(
        async (request) =>
          (await gateway.send({ as: asha, ...request })).headers['retry-after'] !== undefined && request,
      ),
    );
    // A notice of an unknown payment is itself answered 503 with Retry-After: 5.
    const expected = REQUESTS.slice(0, 6 - level);
    expect(refused.slice(0, 5).filter(Boolean)).toEqual(expected);
    expect((await gateway.send(webhook())).json().code).not.toBe('overloaded');
  });

  it('refuses with a problem, when to come back, and before anything else is looked at', async () => {
    await using gateway = await gatewayAt(1);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        gateway.send({
          method: 'POST',
          url: '/api/cart/items?x=1',
          payload: '{',
          as: asha,
          headers: { 'content-type': 'application/json', 'x-request-id': 'mine' },
        }),
      ),
    );
    const [first] = answers;
    expect(first?.statusCode).toBe(503);
    expect(first?.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': 'mine',
    });
    expect(first?.json()).toMatchObject({ code: 'overloaded', status: 503, instance: '/api/cart/items' });
    // Not all at the same moment.
    expect(new Set(answers.map(({ headers }) => headers['retry-after'])).size).toBeGreaterThan(1);
    const { body } = await gateway.send({ url: '/metrics' });
    expect(body).toMatch(/haat_http_shed_total\{priority="cart",reason="level"\} 40/);
    expect(body).toMatch(
      /haat_http_request_duration_seconds_count\{method="POST",route="\/api\/cart\/items",status="503"\} 40/,
    );
  });

  it.each([5, 4, 3, 2])(
    'at level %d: over a socket, where some are refused before Fastify, it is the same',
    async (level) => {
      await using gateway = await gatewayAt(level);
      const origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
      const authorization = `Bearer ${asha.token}`;
      for (const { url } of REQUESTS.slice(0, 5)) {
        const told = await gateway.send({ url: `${url}?x=1`, as: asha });
        const answer = await fetch(`${origin}${url}?x=1`, { headers: { authorization, 'x-request-id': 'mine' } });
        expect([url, answer.status]).toEqual([url, told.statusCode]);
        if (told.statusCode !== 503) continue;
        expect(await answer.json()).toEqual(told.json());
        expect(answer.headers.get('x-request-id')).toBe('mine');
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        for (const name of ['content-type', 'cache-control', 'x-content-type-options'])
          expect(answer.headers.get(name)).toBe(told.headers[name]);
      }
      const { body } = await gateway.send({ url: '/metrics' });
      expect(body).toMatch(/haat_http_shed_total\{priority="third",reason="level"\} 2/);
      expect(body).toMatch(
        /haat_http_request_duration_seconds_count\{method="GET",route="\/openapi.json",status="503"\} 2/,
      );
    },
  );

  it('leaves health and metrics alone, and stays ready', async () => {
    await using gateway = await gatewayAt(0, 0);
    for (const url of ['/health/live', '/health/ready', '/metrics']) {
      expect([url, (await gateway.send({ url })).statusCode]).toEqual([url, 200]);
    }
    expect((await gateway.send({ url: '/api/cart' })).json().code).toBe('overloaded');
  });

  it('gives back the place of every request, however it ends', async () => {
    const gate = new Gate();
    await using gateway = await testGateway({ deps: { gate } });
    await Promise.all([
      gateway.send({ url: '/api/products' }),
      gateway.send({ url: '/api/nothing' }),
      gateway.send({ url: '/api/cart' }),
      gateway.send({
        method: 'POST',
        url: '/api/users/login',
        payload: '{',
        headers: { 'content-type': 'text/plain' },
      }),
      gateway.send({ method: 'DELETE', url: '/api/cart' }),
      gateway.send({ ...webhook(), headers: {} }),
    ]);
    await eventually(() => gate.inFlight === 0);

    // Gone while its order is being placed.
    const who = await gateway.person();
    const { addressId } = await gateway.buy(who, await gateway.sell(5));
    gateway.live.hold(true);
    const address = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    const leaving = new AbortController();
    const headers = {
      authorization: `Bearer ${who.token}`,
      'idempotency-key': 'k',
      'content-type': 'application/json',
    };
    const body = JSON.stringify({ addressId, payment: { method: 'upi' } });
    const asked = fetch(`${address}/api/orders`, { method: 'POST', headers, body, signal: leaving.signal });
    await eventually(() => gate.inFlight === 1);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await eventually(() => gate.inFlight === 0);
    gateway.live.hold(false);
  });

  it('is left out on request', async () => {
    await using gateway = await testGateway({ settings: { shedding: false }, deps: { gate: new Gate({ most: 0 }) } });
    expect((await gateway.send({ url: '/api/categories' })).statusCode).toBe(200);
  });

  it('knows the priority of every route', async () => {
    const document = (await calm.send({ url: '/openapi.json' })).json();
    const priorities = Object.values<Record<string, { 'x-priority'?: string }>>(document.paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation['x-priority']),
    );
    expect(priorities.length).toBeGreaterThan(30);
    for (const priority of priorities) expect(priority).toMatch(/^(always|payment|order|cart|find|second|third)$/);
  });
});

it('everything is let in again though event streams are most of what comes', async () => {
  const control = { ...CALM, budget: 30, doing: 20, level: 3.2 };
  let asked = 0;
  const gate = new Gate({ control, random: () => (asked++ * 0.618) % 1 });
  await using gateway = await testGateway({ deps: { gate } });
  const asha = await gateway.person();
  const calm = { loopDelayMs: 0, calls: NO_CALLS, usualMs: 0 };
  for (let tick = 0; tick < 60; tick++) {
    // Nobody has a place there: the stream ends at once, and is one all the same.
    const streams = Array.from({ length: 8 }, () => gateway.send({ url: '/api/waiting-room/site/events', as: asha }));
    const others = Array.from({ length: 15 }, () => gateway.send({ url: '/nothing' }));
    await Promise.all([...streams, ...others]);
    gate.tick(calm, 100);
  }
  expect(gate.level).toBe(ALL);
});
