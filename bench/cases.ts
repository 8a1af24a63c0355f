/** What `npm run bench` measures, in this order. */
import type { Case } from './case.ts';

export const CASES: readonly Case[] = [
  {
    name: 'orders',
    key: 'orders',
    minutes: 3.5,
    about: 'complete orders a second, closed and open loop, CPU an order by process',
    load: async () => (await import('./orders/orders.ts')).orders,
  },
  {
    name: 'hot-sku',
    key: 'hotSku',
    minutes: 2,
    about: 'grants a second on one SKU: Haat, Redis, PostgreSQL, in turn',
    load: async () => (await import('./hot-sku/hot-sku.ts')).hotSku,
  },
  {
    name: 'carts',
    key: 'carts',
    minutes: 2,
    about: 'add-to-cart a second, cold loads, carts held in a GiB',
    load: async () => (await import('./carts/carts.ts')).carts,
  },
  {
    name: 'replay',
    key: 'replay',
    minutes: 4,
    about: 'events a second through a rebuild; cold start with a million actors on disk',
    load: async () => (await import('./replay/replay.ts')).replay,
  },
  {
    name: 'nodes',
    key: 'nodes',
    minutes: 2.2,
    about: 'one, two and four nodes held to the same share of a core; pauses when one joins or leaves',
    load: async () => (await import('./nodes/nodes.ts')).nodes,
  },
  {
    name: 'durability',
    key: 'durability',
    minutes: 5.2,
    about: 'complete orders a second under each setting of durability, and what it survives',
    load: async () => (await import('./durability.ts')).durability,
  },
  {
    name: 'runtime',
    key: 'runtime',
    minutes: 1.2,
    about: 'the actor runtime alone, in one process',
    load: async () => (await import('./runtime/runtime.ts')).runtime,
  },
  {
    name: 'flash-sale',
    key: 'flashSale',
    minutes: 2.2,
    about: 'one SKU in 1, 4 and 16 buckets, held and sold until it is sold out',
    load: async () => (await import('./flash-sale/flash-sale.ts')).flashSale,
  },
  {
    name: 'pages',
    key: 'pages',
    minutes: 2.3,
    about: 'product and category documents a second, kept in memory and read for every request',
    load: async () => (await import('./pages.ts')).pages,
  },
  {
    name: 'overload',
    key: 'overload',
    minutes: 2.3,
    about: 'three times the highest rate, with shedding and without: what is done, what is refused',
    load: async () => (await import('./overload.ts')).overload,
  },
  {
    name: 'waiting-room',
    key: 'waitingRoom',
    minutes: 4,
    about: 'a hundred thousand who wait at once: what they cost, when they hear, how evenly they are let in',
    load: async () => (await import('./waiting-room.ts')).waitingRoom,
  },
];
