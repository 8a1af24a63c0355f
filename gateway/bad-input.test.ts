/** Anything at every route: always an answer of the right kind, never a 500. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, type TestGateway, testGateway } from './testing/test-gateway.ts';

let gateway: TestGateway;
let people: readonly (Person | undefined)[];
let routes: readonly { readonly path: string; readonly method: string }[];
beforeAll(async () => {
  gateway = await testGateway({ settings: { rateLimitFactor: 1_000_000, checkoutTimeoutMs: 200 } });
  people = [undefined, await gateway.person(), await gateway.person('seller'), await gateway.person('admin')];
  const { paths } = (await gateway.send({ url: '/openapi.json' })).json();
  routes = Object.entries<object>(paths)
    // Streams do not end by themselves, and argon2id is slow by design; both have tests of their own.
    .filter(([path]) => !path.endsWith('/events'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })));
});
afterAll(() => gateway[Symbol.asyncDispose]());

const NASTY = [
  "'; drop table users; --",
  '" or 1=1',
  '\u0000',
  '\ud800',
  '🛒'.repeat(50),
  '../../etc/passwd',
  '%00',
  '$' + '{jndi:ldap://x}',
  '__proto__',
  'constructor',
  'toString',
  '-1',
  '1e999',
  'NaN',
  'null',
  '9007199254740993',
  'me',
  'usr_1',
  'adr_1',
  'ord_1',
  'prd_1',
  'wh_blr',
  'a'.repeat(250),
] as const;

const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 40 }));
const scalar = fc.oneof(
  nasty,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
);

/** Right names with wrong values, wrong names, and now and then something that is right. */
const FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  email: ['a@example.in', 'a'],
  phone: ['+919876543210', '+1'],
  password: ['long enough', 'x'.repeat(10_000)],
  firstName: ['A'],
  lastName: ['B'],
  preferences: [{ theme: 'dark' }, { a: '\u0000' }, { '\ud800': 1 }],
  refreshToken: ['a'.repeat(64), 'x'],
  line1: ['1 Road'],
  city: ['Pune'],
  state: ['MH'],
  pincode: ['411001', '011001'],
  type: ['home', 'castle'],
  isDefault: [true, 'yes'],
  name: ['Tea', ' '],
  description: ['', 'x'],
  category: [['A'], [], ['\u0000'], 'A'],
  attributes: [{ a: 1 }, { a: '\u0000' }, { a: { b: 1 } }],
  variants: [[{ sku: 'S1', mrp: 2, price: 1 }], [{ sku: 'S2', mrp: 1, price: 2 }], [{}], []],
  images: [['http://a.example/b.png'], ['javascript:alert(1)']],
  sellerId: ['sel_shop', ''],
  status: ['active', 'SHIPPED', 'RETURNED', 'x'],
  sku: ['S1', 'has space', 'a.b', '*', '>'],
  quantity: [1, -1, 0, 1.5, 1e308, '1'],
  addressId: ['adr_1', 'adr_'],
  payment: [{ method: 'upi' }, { method: 'gold' }, {}, 'upi'],
  reason: ['because', ''],
  items: [['S1'], [], 'S1'],
  onHand: [5, -5, 1e12],
  reorderPoint: [1, -1],
  delta: [1, 0, -1],
  returnId: ['ret_1', 'x'],
};
const field = fc
  .constantFrom(...Object.keys(FIELDS))
  .chain((name) =>
    fc.tuple(fc.constant(name), fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...(FIELDS[name] ?? [])) }, scalar)),
  );
const object = fc
  .array(fc.oneof({ weight: 9, arbitrary: field }, fc.tuple(nasty, scalar)), { maxLength: 14 })
  .map((entries) => Object.fromEntries(entries));
const json = fc.oneof({ weight: 6, arbitrary: object }, scalar, fc.array(scalar, { maxLength: 3 }));
/** Bodies that are right, to have one thing wrong in them: these come past validation, or nearly. */
const RIGHT: Readonly<Record<string, object>> = {
  '/api/users/register': {
    email: 'a@example.in',
    phone: '+919876543210',
    password: 'long enough',
    firstName: 'A',
    lastName: 'B',
  },
  '/api/users/login': { email: 'a@example.in', password: 'long enough' },
  '/api/users/refresh': { refreshToken: 'a'.repeat(64) },
  '/api/users/logout': { refreshToken: 'a'.repeat(64) },
  '/api/users/{id}': { firstName: 'A', lastName: 'B', preferences: { theme: 'dark' } },
  '/api/users/{id}/addresses': {
    line1: '1 Road',
    city: 'Pune',
    state: 'MH',
    pincode: '411001',
    type: 'home',
    isDefault: true,
    name: 'A',
    phone: '+919876543210',
  },
  '/api/products': {
    name: 'Tea',
    description: 'x',
    category: ['A'],
    sellerId: 'sel_shop',
    attributes: { a: 1 },
    variants: [{ sku: 'S1', mrp: 2, price: 1 }],
  },
  '/api/inventory/{sku}/{warehouseId}': { onHand: 5 },
  '/api/inventory/{sku}/{warehouseId}/adjustments': { delta: 1, reason: 'because' },
  '/api/cart/items': { sku: 'S1', quantity: 1 },
  '/api/cart/items/{sku}': { quantity: 1 },
  '/api/orders': { addressId: 'adr_1', payment: { method: 'upi' } },
  '/api/orders/{id}/cancel': { reason: 'because', items: ['S1'] },
  '/api/orders/{id}/returns': { reason: 'because' },
  '/api/orders/{id}/fulfilment': { status: 'SHIPPED', carrier: 'x' },
};
const rightFor = (path: string): object => RIGHT[path] ?? RIGHT[path.replace(/\/\{\w+\}$/, '')] ?? {};

const body = fc.oneof(
  { weight: 6, arbitrary: json.map((value) => JSON.stringify(value)) },
  fc.constantFrom('', '{', '[]', '{"a":1,}', '{"__proto__":{"x":1}}', `[${'['.repeat(5_000)}`, 'x'.repeat(150_000)),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'idempotency-key',
    'if-match',
    'if-none-match',
    'traceparent',
    'x-request-id',
    'x-forwarded-for',
    'x-razorpay-signature',
    'content-length',
    'accept',
    'origin',
  ),
  fc.oneof(
    fc.constantFrom(
      'application/json',
      'text/plain',
      'application/json; charset=utf-16',
      '"v1"',
      'W/"v1"',
      '*',
      '"',
      '',
      '0',
    ),
    fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e]/g, '?')),
  ),
  { maxKeys: 2 },
);
const query = fc.dictionary(
  fc.constantFrom(
    'limit',
    'cursor',
    'status',
    'sort',
    'category',
    'minPrice',
    'brand',
    'attr.colour',
    'attr.',
    'x',
    '__proto__',
  ),
  nasty,
  { maxKeys: 3 },
);

const ids = fc.oneof(fc.constantFrom('me', 'S1', 'wh_blr', 'adr_1', 'ord_1', 'prd_1'), nasty);

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** With a slip: the right body of the route, and up to two fields of another. */
const bodyOf = (path: string, drawn: { slip: object | null; slips: number; body: string }): string =>
  drawn.slip === null
    ? drawn.body
    : JSON.stringify({ ...rightFor(path), ...Object.fromEntries(Object.entries(drawn.slip).slice(0, drawn.slips)) });

describe('bad input', () => {
  it('is answered with a problem of the right kind, never a 500', { timeout: 120_000 }, async () => {
    const request = fc.record({
      route: fc.nat(),
      who: fc.nat({ max: 3 }),
      ids: fc.array(ids, { minLength: 3, maxLength: 3 }),
      slip: fc.option(object, { freq: 4 }),
      slips: fc.nat({ max: 2 }),
      query,
      body,
      headers,
      notJson: fc.nat({ max: 9 }),
    });
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(request, async (drawn) => {
        const route = routes[drawn.route % routes.length];
        if (route === undefined) return;
        let id = 0;
        const path = route.path.replace(/\{\w+\}/g, () => encode(drawn.ids[id++] ?? 'x'));
        const search = Object.entries(drawn.query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
        const as = people[drawn.who];
        const { 'content-length': _, ...given } = drawn.headers;
        const response = await gateway.send({
          method: route.method as 'GET',
          url: search.length === 0 ? path : `${path}?${search.join('&')}`,
          headers: { ...(drawn.notJson > 0 ? { 'content-type': 'application/json' } : {}), ...given },
          ...(route.method === 'GET' ? {} : { payload: bodyOf(route.path, drawn) }),
          ...(as === undefined ? {} : { as }),
        });
        const { statusCode } = response;
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
        expect(statusCode, response.body).not.toBe(500);
        expect(statusCode, response.body).not.toBe(503);
        if (statusCode < 400) return;
        expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
        expect(response.json()).toMatchObject({ status: statusCode, code: expect.any(String) });
      }),
      { numRuns: 3_000 },
    );
    // It came past the first guard of each kind.
    for (const status of [200, 400, 401, 403, 404, 415])
      expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0);
  });
});
