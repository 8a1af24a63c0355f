/**
 * Two nodes that both believe they own every SKU, as after a cut in the network. Every command of every checkout goes to
 * the one or the other in turn, so that each writes behind the other's back: the log must refuse the second.
 */
import { expect, test } from 'vitest';
import type { Sku } from '../actors/ids.ts';
import type { CommandEnvelope } from '../actors/runtime/envelope.ts';
import { type ActorHost, createActorHost } from '../actors/runtime/host.ts';
import { sku as skuKind } from '../actors/sku/kind.ts';
import { readLedgers } from '../bench/reckoning/ledgers.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import { startCheckout } from '../brokers/roles/checkout.ts';
import type { ReadRequest, WatchRequest } from '../brokers/rpc/actor-service.ts';
import { createActors } from '../brokers/rpc/proxies.ts';
import { newId } from '../config/ids.ts';
import { buy, stockUp, verdict } from './crowd.ts';
import { startSystem, type TestSystem } from './system.ts';

const X = 'PHONE-X' as Sku;
const BUYERS = 1_000;
const UNITS = 100;
const OWNERS = ['one', 'other'] as const;

type Owner = { readonly host: ActorHost; readonly appends: { made: number; refused: number } };

/** With a connection of its own: nothing of what the other knows is seen. */
async function owner(system: TestSystem): Promise<Owner> {
  const { eventLog, log: logger } = await system.join();
  const appends = { made: 0, refused: 0 };
  const host = createActorHost({
    log: {
      async append(...commit) {
        const result = await eventLog.append(...commit);
        if (result.outcome === 'conflict') appends.refused++;
        else appends.made++;
        return result;
      },
      last: (...of) => eventLog.last(...of),
      read: (...of) => eventLog.read(...of),
      close: () => eventLog.close(),
    },
    kinds: [skuKind],
    owns: () => true,
    logger,
  });
  return { host, appends };
}

test('1,000 buyers, 100 units, two owners: 100 are sold', { timeout: 60_000 }, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(['cart', 'order', 'payment']);
  const caller = await system.join();
  const owners = { one: await owner(system), other: await owner(system) };

  let turn = 0;
  const skus = createActors({
    placement: { ownerOf: () => OWNERS[turn++ % 2] },
    cluster: {
      nodeId: 'nobody',
      async call(node, action, params) {
        const { host } = node === 'one' ? owners.one : owners.other;
        if (action === 'actor-sku.command') return host.command(params as CommandEnvelope);
        const { id, deadline } = params as ReadRequest;
        if (action === 'actor-sku.read') return host.read('sku', id, deadline);
        return host.watch('sku', id, (params as WatchRequest).after, deadline);
      },
    },
  });
  const actors = { ...caller.actors, sku: skus.sku };
  await startCheckout({ ...caller, actors });

  await stockUp(actors, X, UNITS);
  const crowd = await Promise.all(Array.from({ length: BUYERS }, () => buy(actors, [X])));
  expect(verdict(crowd)).toEqual({ confirmed: UNITS, refused: BUYERS - UNITS, unclear: [] });

  await eventually(
    async () => {
      const { skus: histories, faults } = await readLedgers(caller.nc);
      expect(faults).toEqual([]);
      const history = histories.get(X);
      expect(history?.state).toMatchObject({ received: UNITS, sold: UNITS, holds: {} });
      expect(history?.events.filter(({ type }) => type === 'StockReserved')).toHaveLength(UNITS);
      expect(history?.events.filter(({ type }) => type === 'StockCommitted')).toHaveLength(UNITS);
      return true;
    },
    { what: 'the books balance' },
  );
  // Both wrote, and each was refused what the other had been first to write.
  for (const { host, appends } of Object.values(owners)) {
    await host.stop(1_000);
    expect(appends.made).toBeGreaterThan(0);
    expect(appends.refused).toBeGreaterThan(0);
  }
});

test('who has not seen a hold does not take it for sold', async () => {
  await using system = await startSystem({ postgres: 'none' });
  const [one, other] = [(await owner(system)).host, (await owner(system)).host];
  const command = (host: ActorHost, type: string, input: object) =>
    host.command({ kind: 'sku', id: X, type, input, commandId: newId('ord'), deadline: Date.now() + 5_000 });
  const pincode = '110001';
  const orderId = newId('ord');
  await command(one, 'setStock', { warehouseId: 'wh_del', pincode, onHand: 1 });
  await other.read('sku', X, Date.now() + 5_000);
  const held = { orderId, quantity: 1, pincode, expiresAt: Date.now() + 60_000 };
  expect(await command(one, 'reserve', held)).toMatchObject({ ok: true });
  const sold = await command(other, 'commit', { orderId, quantity: 1, pincode });
  expect(sold).toMatchObject({ ok: true, result: { allocations: [{ warehouseId: 'wh_del', quantity: 1 }] } });
  await Promise.all([one.stop(1_000), other.stop(1_000)]);
});
