import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActorUnavailable } from '../actors/runtime/envelope.ts';
import { eventually } from '../brokers/launcher/eventually.ts';
import { type Person, type TestGateway, testGateway } from './testing/test-gateway.ts';

let gateway: TestGateway;
let asha: Person;
beforeAll(async () => {
  gateway = await testGateway();
  asha = await gateway.person();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const problemOf = (response: { statusCode: number; headers: object; json: () => { code: string } }) => [
  response.statusCode,
  response.json().code,
];

describe('problems', () => {
  it('are RFC 9457 documents, with every wrong field', async () => {
    const payload = { sku: 'no spaces', quantity: -1, price: 1, deep: { a: 1 } };
    const response = await gateway.send({ method: 'POST', url: '/api/cart/items?x=1', payload, as: asha });
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.json()).toMatchObject({
      type: '/problems/invalid-request',
      status: 400,
      code: 'invalid-request',
      instance: '/api/cart/items',
    });
    const paths = response.json().errors.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(expect.arrayContaining(['query.x', 'sku', 'quantity', 'price', 'deep']));
    expect((await gateway.send({ url: '/problems/invalid-request' })).json()).toMatchObject({ status: 400 });
  });

  it.each([
    ['an unknown route', { url: '/api/nothing' }, 404, 'not-found'],
    ['an id of another shape', { url: '/api/orders/;drop table orders' }, 404, 'not-found'],
    ['a URL that cannot be read', { url: '/api/orders/%E0%A4%A' }, 400, 'malformed-request'],
    ['a method that is not there', { method: 'PATCH', url: '/api/cart' }, 405, 'method-not-allowed'],
    [
      'another content type',
      { method: 'POST', url: '/api/cart/items', payload: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported-media-type',
    ],
    [
      'what is not JSON',
      { method: 'POST', url: '/api/cart/items', payload: '{', headers: { 'content-type': 'application/json' } },
      400,
      'malformed-json',
    ],
    [
      'a poisoned prototype',
      {
        method: 'POST',
        url: '/api/cart/items',
        payload: '{"__proto__":{"a":1}}',
        headers: { 'content-type': 'application/json' },
      },
      400,
      'malformed-json',
    ],
    ['no body', { method: 'POST', url: '/api/cart/items' }, 400, 'invalid-request'],
    [
      'a body too large',
      { method: 'POST', url: '/api/cart/items', payload: { sku: 'x'.repeat(200_000) } },
      413,
      'body-too-large',
    ],
    ['a parameter given twice', { url: '/api/orders?limit=1&limit=2' }, 400, 'invalid-request'],
    ['a cursor made up', { url: '/api/products?cursor=abc' }, 400, 'invalid-cursor'],
    [
      'a missing key',
      { method: 'POST', url: '/api/orders', payload: { addressId: 'adr_1', payment: { method: 'upi' } } },
      400,
      'idempotency-key-required',
    ],
    [
      'a key with line breaks',
      {
        method: 'POST',
        url: '/api/cart/items',
        payload: { sku: 'a', quantity: 1 },
        headers: { 'idempotency-key': 'ü' },
      },
      400,
      'idempotency-key-invalid',
    ],
  ] as const)('%s', async (_name, request, status, code) => {
    expect(problemOf(await gateway.send({ ...request, as: asha }))).toEqual([status, code]);
  });

  it('names the methods that a resource has', async () => {
    const response = await gateway.send({ method: 'DELETE', url: '/api/cart', as: asha });
    expect(response.headers.allow).toBe('GET, HEAD');
  });

  it('says 503 with Retry-After when the actors are away, 500 and a log line for a defect', async () => {
    gateway.live.fail(new ActorUnavailable('no-node', 'cart.x'));
    const away = await gateway.send({ url: '/api/cart', as: asha });
    expect([...problemOf(away), away.headers['retry-after']]).toEqual([503, 'unavailable', '1']);
    expect((await gateway.send({ url: '/health/ready' })).statusCode).toBe(503);
    gateway.live.fail(new TypeError('a defect with secrets in it'));
    const broken = await gateway.send({ url: '/api/cart', as: asha });
    gateway.live.fail(undefined);
    expect(problemOf(broken)).toEqual([500, 'internal-error']);
    expect(broken.body).not.toContain('secrets');
    expect(gateway.logged).toContainEqual(expect.objectContaining({ event: 'request-failed', level: 50 }));
  });

  it('answers what is not HTTP with a problem, too', async () => {
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    const address = gateway.app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const raw = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.on('data', (data) => (answer += data.toString()));
        socket.on('close', () => resolve(answer));
        socket.on('error', reject);
      });
    expect(await raw('NOT HTTP\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json.*malformed-request/s);
    const huge = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(huge)).toMatch(/^HTTP\/1.1 431 .*headers-too-large/s);
  });
});

describe('headers', () => {
  it('carries traces on, makes one where none is, echoes a sound request id only', async () => {
    const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const traced = await gateway.send({ url: '/health/live', headers: { traceparent: given } });
    expect(traced.headers['x-request-id']).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    const named = await gateway.send({ url: '/health/live', headers: { 'x-request-id': 'mine-1' } });
    expect(named.headers['x-request-id']).toBe('mine-1');
    const odd = await gateway.send({ url: '/health/live', headers: { 'x-request-id': '<script>', traceparent: 'x' } });
    expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(odd.headers['x-content-type-options']).toBe('nosniff');
  });

  it('honours If-Match', async () => {
    const rename = (tag: string) =>
      gateway.send({
        method: 'PUT',
        url: '/api/users/me',
        as: asha,
        payload: { firstName: 'Asha', lastName: 'Rao' },
        headers: { 'if-match': tag },
      });
    const me = await gateway.send({ url: '/api/users/me', as: asha });
    expect((await rename(String(me.headers.etag))).statusCode).toBe(200);
    expect(problemOf(await rename(String(me.headers.etag)))).toEqual([412, 'precondition-failed']);
    expect(problemOf(await rename('"of something else"'))).toEqual([412, 'precondition-failed']);
    expect(problemOf(await rename('"v1", "v2"'))).toEqual([400, 'invalid-request']);
    expect((await rename('*')).statusCode).toBe(200);
  });

  it('lets catalogue answers be kept and asked for again', async () => {
    const admin = await gateway.person('seller');
    const payload = {
      name: 'Assam tea',
      description: '',
      category: ['Grocery', 'Tea'],
      variants: [{ sku: 'TEA-1', mrp: 24_900, price: 19_900 }],
    };
    const made = await gateway.send({ method: 'POST', url: '/api/products', payload, as: admin });
    expect(made.statusCode).toBe(201);
    const url = String(made.headers.location);
    const first = await gateway.send({ url });
    expect(first.headers['cache-control']).toContain('public');
    const again = await gateway.send({ url, headers: { 'if-none-match': `W/${first.headers.etag}` } });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', first.headers.etag]);
    expect(
      (
        await gateway.send({
          method: 'PUT',
          url,
          payload,
          as: admin,
          headers: { 'if-match': String(first.headers.etag) },
        })
      ).statusCode,
    ).toBe(200);
    expect(
      (await gateway.send({ method: 'DELETE', url, as: admin, headers: { 'if-match': String(first.headers.etag) } }))
        .statusCode,
    ).toBe(412);
    expect((await gateway.send({ method: 'POST', url: '/api/products', payload, as: admin })).json().code).toBe(
      'sku-taken',
    );
    expect((await gateway.send({ method: 'DELETE', url, as: asha })).statusCode).toBe(403);
    expect((await gateway.send({ method: 'DELETE', url, as: admin })).statusCode).toBe(204);
    expect((await gateway.send({ url })).statusCode).toBe(404);
    expect((await gateway.send({ url, as: admin })).headers['cache-control']).toBe('no-store');
  });
});

describe('limits', () => {
  it('says what is left, refuses what is over, and counts by user', async () => {
    const strict = await testGateway({ settings: { rateLimitFactor: 0.1 } });
    const [ravi, mira] = [await strict.person(), await strict.person()];
    const read = (as: Person) => strict.send({ url: '/api/users/me/addresses', as });
    const first = await read(ravi);
    expect(first.headers['ratelimit-policy']).toBe('"account";q=12;w=60');
    expect(first.headers['ratelimit']).toMatch(/^"account";r=11;t=\d+$/);
    for (let i = 0; i < 11; i++) expect((await read(ravi)).statusCode).toBe(200);
    const over = await read(ravi);
    expect(problemOf(over)).toEqual([429, 'too-many-requests']);
    expect(Number(over.headers['retry-after'])).toBeGreaterThan(0);
    expect((await read(mira)).statusCode).toBe(200);
    await strict[Symbol.asyncDispose]();
  });

  it('slows down guessing at one account, from wherever', async () => {
    const strict = await testGateway({ settings: { rateLimitFactor: 1 } });
    const guess = (from: number) =>
      strict.send({
        method: 'POST',
        url: '/api/users/login',
        payload: { email: 'a@example.in', password: 'x' },
        headers: { 'x-forwarded-for': `10.0.0.${from}` },
      });
    for (let i = 0; i < 10; i++) expect((await guess(i)).statusCode).toBe(401);
    expect(problemOf(await guess(11))).toEqual([429, 'too-many-requests']);
    await strict[Symbol.asyncDispose]();
  });

  it('adds nothing twice when a keyed request is sent again after a 503', async () => {
    const sku = await gateway.sell(5);
    const add = () =>
      gateway.send({ method: 'POST', url: '/api/cart/items', payload: { sku, quantity: 1 }, as: asha, key: 'again' });
    gateway.live.loseAnswers(new ActorUnavailable('timeout', 'cart.x'));
    expect((await add()).statusCode).toBe(503);
    gateway.live.loseAnswers(undefined);
    const { items } = (await add()).json();
    expect(items.filter((item: { sku: string }) => item.sku === sku)).toMatchObject([{ quantity: 1 }]);
  });
});

describe('health', () => {
  it('names each dependency, and needs only those that an order needs', async () => {
    const ready = await eventually(async () => {
      const response = await gateway.send({ url: '/health/ready' });
      return response.statusCode === 200 ? response : undefined;
    });
    expect(ready.json().dependencies).toEqual([
      expect.objectContaining({ name: 'actors', state: 'up', needed: true, latencyMs: expect.any(Number) }),
      expect.objectContaining({ name: 'postgres', state: 'up', needed: false }),
    ]);
  });

  it('serves metrics by route, without ids in them', async () => {
    const { body } = await gateway.send({ url: '/metrics' });
    expect(body).toContain('haat_http_request_duration_seconds_bucket');
    expect(body).toContain('route="/api/cart"');
    expect(body).not.toContain('usr_');
  });
});
