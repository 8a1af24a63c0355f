/** Check and decrement in a Lua script, with a record of the hold by order id, in an append-only file. */
import { Redis } from 'ioredis';
import { findRedis } from '../../brokers/launcher/servers/binaries.ts';
import { startRedis } from '../../brokers/launcher/servers/redis.ts';
import { folders } from '../../config/env.ts';
import { HOLD_MS, type Seller } from './seller.ts';

/** 1: granted, now or before. */
const GRANT = `
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 1 end
if tonumber(redis.call('GET', KEYS[1]) or '0') < 1 then return 0 end
redis.call('DECR', KEYS[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
`;

type Granting = Redis & { grant(stock: string, holds: string, orderId: string, hold: string): Promise<number> };

export async function redis(
  dir: string,
  appendFsync: 'everysec' | 'always',
  say: (text: string) => void,
): Promise<Seller> {
  const program = await findRedis(folders(), say);
  const server = await startRedis({ ...program, dir, appendFsync });
  // Pipelined: its client's fastest way.
  const client = new Redis(server.url, { enableAutoPipelining: true, lazyConnect: true });
  await client.connect();
  client.defineCommand('grant', { numberOfKeys: 2, lua: GRANT });
  const granting = client as Granting;
  const always = appendFsync === 'always';
  return {
    key: always ? 'redisFsync' : 'redis',
    name: `Redis Lua, AOF ${appendFsync}`,
    survives: always ? 'kill -9, power cut' : 'kill -9; a power cut loses up to 1–2 s',
    serverPid: server.pid,
    stock: async (sku, units) => void (await client.set(`stock:${sku}`, units)),
    async grant(sku, orderId) {
      const hold = `1:${Date.now() + HOLD_MS}`;
      if ((await granting.grant(`stock:${sku}`, `holds:${sku}`, orderId, hold)) !== 1) throw new Error('not granted');
    },
    granted: (sku) => client.hlen(`holds:${sku}`),
    async close() {
      client.disconnect();
      await server.stop();
    },
  };
}
