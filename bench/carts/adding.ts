/** Add-to-cart over HTTP: signed-in customers with carts of their own, more of them than connections. */
import { randomUUID } from 'node:crypto';
import type { UserId } from '../../actors/ids.ts';
import { keptSecrets } from '../../config/secrets.ts';
import { createAccessTokens } from '../../gateway/auth/access-tokens.ts';
import type { Bench } from '../case.ts';
import { cpuByProcess, spent } from '../cpu.ts';
import { Connection } from '../load/connection.ts';
import { closedLoop } from '../load/loops.ts';
import { anyOf, UnexpectedReply } from '../orders/buyer.ts';
import { openShop } from '../orders/open-shop.ts';
import { numbered } from '../seed/histories.ts';
import { Latencies } from '../shop/latencies.ts';

export type Adding = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMs: Readonly<Record<string, number>>;
};

/** A cart takes fifty lines of ten: this many are not full at the end. */
const CARTS = 20_000;
const CONNECTIONS = 64;

export async function measureAdding({ quick, runs, say }: Bench): Promise<readonly Adding[]> {
  const shop = await openShop({ dataDir: '.haat-bench', customers: 1 }, say);
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(shop.system.api));
  try {
    const heads = signedIn(shop.system.dataDir, new URL(shop.system.api).host);
    const once = async (seconds: number): Promise<Adding> => {
      const latencies = new Latencies();
      const before = cpuByProcess(shop.pid);
      const tookMs = await closedLoop(connections, seconds, async (connection) => {
        const body = `{"sku":"${anyOf(shop.skus)}","quantity":1}`;
        const request = `${anyOf(heads)}content-length: ${body.length}\r\n\r\n${body}`;
        const asked = performance.now();
        const reply = await connection.ask(request);
        if (reply.status !== 200) throw new UnexpectedReply(request, reply);
        latencies.add(performance.now() - asked);
      });
      const cpu = spent(before, cpuByProcess(shop.pid));
      return {
        perSecond: (latencies.count * 1000) / tookMs,
        p50Ms: latencies.quantile(0.5),
        p99Ms: latencies.quantile(0.99),
        cpuMs: Object.fromEntries([...cpu].map(([name, ms]) => [name, ms / latencies.count])),
      };
    };
    await once(quick ? 2 : 5);
    const measured: Adding[] = [];
    for (let n = 1; n <= runs; n++) {
      const run = await once(quick ? 4 : 10);
      say(`add to cart, run ${n}: ${run.perSecond.toFixed(0)}/s, p99 ${run.p99Ms.toFixed(1)} ms`);
      measured.push(run);
    }
    return measured;
  } finally {
    for (const connection of connections) connection.close();
    await shop.close();
  }
}

/** Heads of requests with tokens as a login gives them; a registration each would be minutes of password hashing. */
function signedIn(dataDir: string, host: string): readonly string[] {
  const { sign } = createAccessTokens(keptSecrets(dataDir).jwtSecret);
  const salt = Math.floor(Math.random() * 2 ** 40) * 2 ** 12;
  return Array.from({ length: CARTS }, (_, n) => {
    const token = sign(
      {
        id: numbered('usr', salt + n) as UserId,
        email: '',
        phone: '',
        firstName: '',
        lastName: '',
        role: 'customer',
        sellerId: null,
        preferences: {},
        createdAt: 0,
        updatedAt: 0,
        version: 1,
      },
      randomUUID(),
    );
    return `POST /api/cart/items HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  });
}
