/** Rooms of several gateways on one real Redis. Rates are measured in the test's own time, a second or two each. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { eventually, freshRedis, type TestServer } from '../../brokers/launcher/test-servers.ts';
import { connectRedis } from '../../stores/redis/connection.ts';
import { isOver, positionOf, waitOf } from './line.ts';
import { Room } from './room.ts';
import { createSharedLine } from './shared-line.ts';

const log = pino({ level: 'silent' });
const closers: (() => void)[] = [];
const nameOf = (): string => `sal_${randomBytes(6).toString('hex')}`;

async function gatewayOn(url: string, gateway: string) {
  const redis = connectRedis({ url, name: gateway, log });
  closers.push(() => redis.disconnect());
  await eventually(() => redis.status === 'ready');
  return (name: string, rate: number, more: { from?: () => number } = {}): Room => {
    const room = new Room({ name, rate, shared: createSharedLine(redis, gateway), log, ...more });
    const timer = setInterval(() => void room.refresh(), 50);
    closers.push(() => clearInterval(timer));
    return room;
  };
}

let one: Awaited<ReturnType<typeof gatewayOn>>;
let two: typeof one;
beforeAll(async () => {
  one = await gatewayOn(inject('redisUrl'), 'one');
  two = await gatewayOn(inject('redisUrl'), 'two');
});
afterAll(() => {
  for (const close of closers) close();
});

const users = (count: number, prefix = 'u'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const hasTurn = (room: Room, due: number): boolean => positionOf(room.line, due, room.now()) === 0;
const enter = async (room: Room, user: string, brought?: number): Promise<number> => {
  const due = await room.enter(user, brought);
  if (due === undefined) throw new Error('no place');
  return due;
};
/** Somebody is always there for the turns that come: nobody is missing. */
const allArrive = (room: Room, places: ReadonlyMap<string, number>): void => {
  for (const [user, due] of places) if (hasTurn(room, due)) room.arrived(user, due);
};

describe('below the rate', () => {
  it('nobody has to wait or to be asked for', async () => {
    const room = one(nameOf(), 1_000);
    expect(await room.passesNow('first')).toBe(true);
    const began = performance.now();
    for (const user of users(200)) expect(room.passes(user)).toBe(true);
    expect(performance.now() - began).toBeLessThan(50);
    expect(room.admitted).toBe(201);
  });

  it('somebody counts once, however often they come', async () => {
    const room = one(nameOf(), 2);
    expect(await room.passesNow('asha')).toBe(true);
    for (let n = 0; n < 100; n++) expect(room.passes('asha')).toBe(true);
    expect(room.admitted).toBe(1);
  });
});

describe('above the rate', () => {
  it('two gateways together let in what one would: the burst and the rate, no more', async () => {
    const name = nameOf();
    const [here, there] = [one(name, 100), two(name, 100)];
    await Promise.all([here.refresh(), there.refresh()]);
    await eventually(() => here.line.gateways === 2);
    const began = here.now();
    let passed = 0;
    let tried = 0;
    await eventually(async () => {
      for (let n = 0; n < 20; n++) {
        tried += 2;
        if (await here.passesNow(`h${tried}`)) passed += 1;
        if (await there.passesNow(`t${tried}`)) passed += 1;
      }
      return here.now() - began > 1_500;
    });
    const allowed = 100 + ((here.now() - began) / 1_000) * 100;
    expect(tried).toBeGreaterThan(2 * allowed);
    expect(passed).toBeLessThanOrEqual(1.05 * allowed + 2);
    expect(passed).toBeGreaterThan(0.8 * allowed);
  });

  it('places come in the order of asking, over both gateways, and turns at the rate', async () => {
    const name = nameOf();
    const [here, there] = [one(name, 100), two(name, 100)];
    const places = new Map<string, number>();
    for (const [index, user] of users(300).entries()) places.set(user, await enter(index % 2 ? here : there, user));
    const dues = [...places.values()];
    expect(dues).toEqual(dues.toSorted((a, b) => a - b));
    expect(new Set(dues).size).toBe(300);
    expect(here.passes('somebody')).toBe(false);
    await there.refresh();
    expect(there.passes('somebody')).toBe(false);
    allArrive(here, places);
    const inBefore = dues.filter((due) => hasTurn(here, due)).length;
    const from = here.now();
    await eventually(() => here.now() - from > 1_000);
    const inAfter = dues.filter((due) => hasTurn(there, due)).length;
    const expected = ((there.now() - from) / 1_000) * 100;
    expect(Math.abs(inAfter - inBefore - expected)).toBeLessThan(15);
  });

  it('a customer has one place: asked again, at once, at another gateway, after a restart', async () => {
    const name = nameOf();
    const [here, there] = [one(name, 5), two(name, 5)];
    for (const user of users(50, 'before')) await enter(here, user);
    const twice = await Promise.all([here.enter('asha'), here.enter('asha'), there.enter('asha'), there.find('asha')]);
    expect(new Set(twice.slice(0, 3)).size).toBe(1);
    const [due = 0] = twice;
    for (const user of users(20, 'after')) await enter(there, user);
    const restarted = one(name, 5);
    expect(await restarted.find('asha')).toBe(due);
    expect(await restarted.enter('asha')).toBe(due);
    expect(await restarted.find('nobody')).toBeUndefined();
    expect(positionOf(restarted.line, due, restarted.now())).toBeGreaterThan(30);
  });

  it('a place whose time is over is not used again: its holder is at the end', async () => {
    const name = nameOf();
    const room = one(name, 10);
    for (const user of users(30)) await enter(room, user);
    const passed = room.line.clock - 300_000;
    expect(isOver(room.line, passed, room.now())).toBe(true);
    const due = await enter(room, 'late', passed);
    expect(due).toBeGreaterThan(Number(await room.find('u29')));
  });

  it('turns of those who do not come are given to those who wait', async () => {
    const name = nameOf();
    const room = one(name, 2_000);
    // 26,000 places: 13 s at this rate, ten of which a missing customer is waited for.
    const all = users(26_000);
    for (let at = 0; at < all.length; at += 2_000) {
      await Promise.all(all.slice(at, at + 2_000).map((user) => room.enter(user)));
    }
    const last = Number(await room.find('u25999'));
    const wait = Number(waitOf(room.line, last, room.now()));
    expect(wait).toBeGreaterThan(10_000);
    const began = room.now();
    await eventually(() => hasTurn(room, last), { withinMs: 15_000 });
    expect(room.now() - began).toBeLessThan(wait - 500);
  });
});

it('whoever is called has as long to come, however fast the line moves', async () => {
  const room = one(nameOf(), 1);
  const dues = await Promise.all(users(600).map((user) => enter(room, user)));
  const called = (): number => dues.filter((due) => hasTurn(room, due)).length;
  await room.tune(100);
  const [before, from] = [called(), room.now()];
  // Nobody comes: in ten seconds their turns are others', in two they are their own.
  await eventually(() => room.now() - from > 2_000);
  expect(Math.abs(called() - before - (room.now() - from) / 10)).toBeLessThan(15);
});

describe('operations', () => {
  it('stop, slow down, and open the room, and no place is lost', async () => {
    const name = nameOf();
    const [here, there] = [one(name, 20), two(name, 20)];
    const dues = new Map<string, number>();
    for (const user of users(60)) dues.set(user, await enter(here, user));
    expect(await here.tune(0)).toBe(true);
    await eventually(() => there.line.rate === 0);
    const last = Number(dues.get('u59'));
    const position = positionOf(here.line, last, here.now());
    expect(position).toBeGreaterThan(20);
    expect(waitOf(here.line, last, here.now())).toBeUndefined();
    expect(here.passes('new')).toBe(false);
    expect(positionOf(there.line, last, there.now())).toBe(position);
    expect(await there.tune(1_000)).toBe(true);
    await eventually(() => hasTurn(here, last), { withinMs: 1_000 });
    await here.tune('off');
    expect(here.passes('anybody')).toBe(true);
    await here.tune('default');
    expect(here.line.rate).toBe(20);
  });
});

it('a queue before the beginning stands, and moves from then on', async () => {
  const name = nameOf();
  const opens = performance.timeOrigin + performance.now() + 400;
  const room = one(name, 1_000, { from: () => opens });
  const due = await enter(room, 'first');
  expect(await room.passesNow('somebody')).toBe(false);
  expect(hasTurn(room, due)).toBe(false);
  await eventually(() => hasTurn(room, due));
  expect(room.now()).toBeGreaterThan(opens - 20);
});

describe('without Redis', () => {
  let redis: TestServer;
  beforeAll(async () => {
    redis = await freshRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  it('the queue goes on, nobody jumps it, and an empty Redis learns it again', async () => {
    const name = nameOf();
    const gateway = await gatewayOn(redis.url, 'alone');
    const room = gateway(name, 50);
    const before = new Map<string, number>();
    for (const user of users(150)) before.set(user, await enter(room, user));
    await redis.kill();
    await eventually(() => !room.isShared);

    // Nobody is let in for want of an answer, everybody keeps the place, new ones come after.
    expect(await room.passesNow('somebody')).toBe(false);
    const again = await enter(room, 'u149');
    expect(again).toBe(before.get('u149'));
    const late = await enter(room, 'late');
    expect(late).toBeGreaterThan(again);
    const [start, position] = [room.now(), positionOf(room.line, late, room.now())];
    await eventually(() => positionOf(room.line, late, room.now()) < position - 10);
    expect(Math.abs((room.now() - start) / 1_000 - 11 / 50)).toBeLessThan(0.15);

    // A gateway that starts now knows nobody, but believes a place that it is shown, and puts others behind it.
    const stranger = gateway(name, 50);
    await stranger.refresh();
    expect(await stranger.find('u149')).toBeUndefined();
    expect(await enter(stranger, 'u149', before.get('u149'))).toBe(again);
    expect(await enter(stranger, 'another')).toBeGreaterThan(again);
    expect(hasTurn(stranger, again)).toBe(false);

    await redis.start();
    await eventually(() => room.isShared && stranger.isShared);
    await Promise.all([room.refresh(), stranger.refresh()]);
    expect(room.line.tail).toBeGreaterThanOrEqual(late);
    expect(await enter(room, 'last')).toBeGreaterThan(late);
    expect(room.passes('jumper')).toBe(false);
    await eventually(() => hasTurn(room, late), { withinMs: 4_000 });
  });
});
