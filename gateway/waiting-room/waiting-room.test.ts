/** The waiting room as shoppers and operators meet it, over HTTP and a real Redis. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Sku } from '../../actors/ids.ts';
import { eventually } from '../../brokers/launcher/test-servers.ts';
import { connectRedis } from '../../stores/redis/connection.ts';
import { JWT_SECRET, type Person, type TestGateway, testGateway } from '../testing/test-gateway.ts';
import { createTokens } from './tokens.ts';

const redis = connectRedis({ url: inject('redisUrl'), name: 'waiting-room-test', log: pino({ level: 'silent' }) });
const tokens = createTokens([JWT_SECRET]);
let gateway: TestGateway;
let origin: string;
let ops: Person;
beforeAll(async () => {
  await eventually(() => redis.status === 'ready');
  gateway = await testGateway({ deps: { redis }, settings: { waitingRoom: { saleRate: 1_000 } } });
  origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  ops = await gateway.person('ops');
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  redis.disconnect();
});

const openSale = async (units = 5): Promise<{ id: string; sku: Sku }> => {
  const sku = await gateway.sell(units);
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const items = [{ sku, price: 99_00, units, limitPerCustomer: units, buckets: 1 }];
  const made = await gateway.send({
    method: 'POST',
    url: '/api/sales',
    payload: { title: 'T', endsAt, items },
    as: ops,
  });
  expect(made.statusCode).toBe(201);
  return { id: made.json().id, sku };
};
const tune = async (room: string, ratePerSecond: number | string) => {
  const url = `/api/waiting-room/${room}`;
  const tuned = await gateway.send({ method: 'PUT', url, payload: { ratePerSecond }, as: ops });
  expect(tuned.statusCode).toBe(200);
  return tuned.json();
};
const enter = (room: string, as: Person, headers: Record<string, string> = {}) =>
  gateway.send({ method: 'POST', url: `/api/waiting-room/${room}/places`, as, headers });
const add = (as: Person, sku: Sku, pass?: string) =>
  gateway.send({
    method: 'POST',
    url: '/api/cart/items',
    payload: { sku, quantity: 1 },
    as,
    ...(pass === undefined ? {} : { headers: { 'x-admission-pass': pass } }),
  });

function wait(room: string, as: Person, headers: Record<string, string> = {}) {
  const leaving = new AbortController();
  const events: { event: string; data: Record<string, unknown> }[] = [];
  const opened = fetch(`${origin}/api/waiting-room/${room}/events`, {
    signal: leaving.signal,
    headers: { authorization: `Bearer ${as.token}`, ...headers },
  });
  const done = opened.then(async ({ body }) => {
    let text = '';
    for await (const part of body ?? []) {
      text += Buffer.from(part).toString();
      const whole = text.split('\n\n').filter((block) => block.includes('event: '));
      events.splice(
        0,
        events.length,
        ...whole.map((block) => ({
          event: /event: (.*)/.exec(block)?.[1] ?? '',
          data: JSON.parse(/data: (.*)/.exec(block)?.[1] ?? '{}'),
        })),
      );
    }
  });
  done.catch(() => {});
  return { opened, events, done, leave: () => leaving.abort() };
}

describe('a sale with a queue', () => {
  it('is open to all below the rate, and says where the queue is above it', async () => {
    const { id, sku } = await openSale();
    const [asha, ravi] = [await gateway.person(), await gateway.person()];
    expect((await add(asha, sku)).statusCode).toBe(200);
    await tune(id, 0);
    // Who is in stays in; who comes waits.
    expect((await add(asha, sku)).statusCode).toBe(200);
    const refused = await add(ravi, sku);
    expect(refused.json()).toMatchObject({ status: 503, code: 'waiting-room', room: id });
    expect(refused.headers['retry-after']).toBe('2');
    const entered = await gateway.send({ method: 'POST', url: refused.json().enter, as: ravi });
    expect(entered.json()).toMatchObject({ room: id, status: 'waiting', waitSeconds: null, pass: null });
    expect(Number(entered.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('lets in with a pass: its own, its holder’s, in its time, and no other', async () => {
    const { id, sku } = await openSale();
    const [asha, ravi] = [await gateway.person(), await gateway.person()];
    await tune(id, 0);
    const { place } = (await enter(id, asha)).json();
    const stream = wait(id, asha);
    await eventually(() => stream.events[0]?.event === 'position');
    await tune(id, 1_000);
    await stream.done;
    const last = stream.events.at(-1);
    expect(last?.event).toBe('admitted');
    const pass = String(last?.data['pass']);
    await tune(id, 0);

    const tries: [string, Person, string | undefined][] = [
      ['none', asha, undefined],
      ['of another', ravi, pass],
      ['a place for a pass', asha, place],
      ['changed', asha, `${pass.slice(0, -6)}AAAAAA`],
      ['nonsense', asha, 'x.y.z'],
    ];
    const token = tokens.verify(pass, Date.now());
    if (token === undefined) throw new Error('not a pass');
    const past = { ...token, expiresAt: Date.now() - 1 };
    tries.push(['over', asha, tokens.sign(past)], ['of another room', asha, tokens.sign({ ...token, room: 'site' })]);
    tries.push(['by another key', asha, createTokens(['another secret of the tests']).sign(token)]);
    for (const [what, who, shown] of tries) {
      expect((await add(who, sku, shown)).json().code, what).toBe('waiting-room');
    }
    expect((await add(asha, sku, pass)).statusCode).toBe(200);
    expect((await add(asha, sku, `x, ${pass}`)).statusCode).toBe(200);

    // The order needs it too, and a refusal is not kept for the key.
    const payload = { addressId: await gateway.address(asha), payment: { method: 'cod' } };
    const order = (headers: Record<string, string>) =>
      gateway.send({ method: 'POST', url: '/api/orders', payload, as: asha, key: `pass-${id}`, headers });
    expect((await order({})).json().code).toBe('waiting-room');
    expect((await order({ 'x-admission-pass': pass })).statusCode).toBe(201);

    // Asked again: the same place, the same end.
    const again = (await enter(id, asha)).json();
    expect(again.status).toBe('admitted');
    expect(Math.abs(Date.parse(again.passExpiresAt) - Date.parse(String(last?.data['passExpiresAt'])))).toBeLessThan(
      1_500,
    );
  });

  it('keeps a place at another gateway, also by the place alone, and gives away nobody’s', async () => {
    const { id } = await openSale();
    await tune(id, 0);
    const [asha, ravi] = [await gateway.person(), await gateway.person()];
    const first = (await enter(id, asha)).json();
    await enter(id, ravi);
    const dueOf = (text: string): number | undefined => tokens.verify(text, Date.now())?.due;
    for (const headers of [{}, { 'x-waiting-place': first.place }, { 'x-waiting-place': 'x' }]) {
      expect(dueOf((await enter(id, asha, headers)).json().place)).toBe(dueOf(first.place));
    }
    const stolen = (await enter(id, ravi, { 'x-waiting-place': first.place })).json();
    expect(dueOf(stolen.place)).toBeGreaterThan(Number(dueOf(first.place)));
    const me = await gateway.send({ url: `/api/waiting-room/${id}/places/me`, as: asha });
    expect(me.json()).toMatchObject({ status: 'waiting', position: first.position });
    const nobody = await gateway.send({ url: `/api/waiting-room/${id}/places/me`, as: await gateway.person() });
    expect(nobody.statusCode).toBe(404);
  });

  it('tells everybody at once that it is sold out, and lets nobody else queue', async () => {
    const { id, sku } = await openSale(1);
    const buyer = await gateway.person();
    const payload = { addressId: await gateway.address(buyer), payment: { method: 'cod' } };
    expect((await add(buyer, sku)).statusCode).toBe(200);
    await tune(id, 0);
    const people = await Promise.all(Array.from({ length: 3 }, () => gateway.person()));
    const streams: ReturnType<typeof wait>[] = [];
    for (const person of people) {
      await enter(id, person);
      streams.push(wait(id, person));
    }
    await eventually(() => streams.every(({ events }) => events.length > 0));
    const ordered = await gateway.send({ method: 'POST', url: '/api/orders', payload, as: buyer, key: `only-${id}` });
    expect(ordered.statusCode).toBe(201);
    await Promise.all(streams.map(({ done }) => done));
    for (const { events } of streams) expect(events.at(-1)).toEqual({ event: 'sold-out', data: { saleId: id } });
    const [late = buyer] = people;
    expect((await enter(id, late)).json()).toMatchObject({ status: 409, code: 'sold-out' });
    expect((await wait(id, late).opened).status).toBe(409);
    expect((await wait(id, late, { 'last-event-id': 'sold-out' }).opened).status).toBe(204);
    await gateway.send({ method: 'POST', url: `/api/sales/${id}/end`, as: ops });
    await eventually(async () => (await enter(id, late)).json().code === 'sale-over');
  });
});

describe('the shop', () => {
  it('has a room of its own, which operations open and close', async () => {
    const [asha, ravi] = [await gateway.person(), await gateway.person()];
    const sku = await gateway.sell(5);
    expect((await enter('site', asha)).json()).toMatchObject({ status: 'admitted', position: 0 });
    await tune('site', 0);
    try {
      expect((await add(ravi, sku)).json()).toMatchObject({ code: 'waiting-room', room: 'site' });
      await enter('site', ravi);
      const stream = wait('site', ravi);
      await eventually(() => stream.events.length > 0);
      expect(await tune('site', 'off')).toMatchObject({ ratePerSecond: null });
      await stream.done;
      expect(stream.events.at(-1)).toEqual({ event: 'closed', data: { reason: 'open-to-all' } });
      expect((await add(ravi, sku)).statusCode).toBe(200);
      expect((await enter('site', ravi)).json()).toMatchObject({ status: 'admitted', pass: null });
    } finally {
      await tune('site', 'default');
    }
    const metrics = (await gateway.send({ url: '/metrics' })).body;
    expect(metrics).toMatch(/haat_waiting_room_admitted_total\{room="site"\} [1-9]/);
  });

  it('has no room for what is not a sale, and no knobs for shoppers', async () => {
    const asha = await gateway.person();
    expect((await enter('sal_nothing', asha)).statusCode).toBe(404);
    expect((await enter('elsewhere', asha)).statusCode).toBe(404);
    const url = '/api/waiting-room/site';
    expect((await gateway.send({ method: 'PUT', url, payload: { ratePerSecond: 1 }, as: asha })).statusCode).toBe(403);
    const wrong = await gateway.send({ method: 'PUT', url, payload: { ratePerSecond: -1 }, as: ops });
    expect(wrong.json()).toMatchObject({ code: 'invalid-request' });
    expect((await gateway.send({ method: 'POST', url: `${url}/places` })).statusCode).toBe(401);
  });

  it('gives one customer three streams, and takes them back', async () => {
    const { id } = await openSale();
    await tune(id, 0);
    const asha = await gateway.person();
    await enter(id, asha);
    const streams = Array.from({ length: 3 }, () => wait(id, asha));
    for (const { opened } of streams) expect((await opened).status).toBe(200);
    expect((await wait(id, asha).opened).status).toBe(429);
    streams[0]?.leave();
    await eventually(async () => {
      const next = wait(id, asha);
      streams.push(next);
      return (await next.opened).status === 200;
    });
    for (const { leave } of streams) leave();
  });
});

it('ends its streams when the gateway closes', async () => {
  const other = await testGateway({ deps: { redis } });
  const at = await other.app.listen({ host: '127.0.0.1', port: 0 });
  const [asha, set] = [await other.person(), await other.person('ops')];
  await tune('site', 0);
  try {
    await eventually(async () => {
      const room = await other.send({ url: '/api/waiting-room/site', as: set });
      return room.json().ratePerSecond === 0;
    });
    await other.send({ method: 'POST', url: '/api/waiting-room/site/places', as: asha });
    const headers = { authorization: `Bearer ${asha.token}` };
    const stream = await fetch(`${at}/api/waiting-room/site/events`, { headers });
    const text = stream.text();
    await other[Symbol.asyncDispose]();
    expect(await text).toMatch(/event: position\n.*\n\n:\n\n$/);
  } finally {
    await tune('site', 'default');
  }
});
