/** The waiting rooms of a gateway, from what it is made of. */
import { randomBytes } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { GatewayDeps } from '../deps.ts';
import type { LiveSales } from '../sales/live-sales.ts';
import { watchRooms } from './metrics.ts';
import { createSharedLine } from './shared-line.ts';
import { createTokens } from './tokens.ts';
import { WaitingRooms } from './waiting-rooms.ts';

const RATE = 10_000;
const STREAMS = 120_000;

export function openWaitingRooms(deps: GatewayDeps, sales: LiveSales, registry: Registry) {
  const { redis, log, settings, gatewayId = randomBytes(6).toString('hex') } = deps;
  const { siteRate = RATE, saleRate = RATE, streams = STREAMS, secrets } = settings.waitingRoom ?? {};
  const rooms = new WaitingRooms({
    rates: { site: siteRate, sale: saleRate },
    tokens: createTokens(secrets ?? [settings.jwtSecret]),
    shared: redis === undefined ? undefined : createSharedLine(redis, gatewayId),
    sales,
    log,
  });
  watchRooms(rooms, registry);
  return { rooms, most: streams };
}
