/** The SKU's actor by the proxies that the gateway uses, in the gateway's process as `npm start` has it, on JetStream. */
import { pino } from 'pino';
import type { OrderId, Pincode, Sku, WarehouseId } from '../../actors/ids.ts';
import { createActorHost } from '../../actors/runtime/host.ts';
import { sku as skuKind } from '../../actors/sku/kind.ts';
import { createActors } from '../../brokers/rpc/proxies.ts';
import { startLogServer } from '../seed/log-server.ts';
import { HOLD_MS, type Seller } from './seller.ts';

const HERE = 'bench';
const pincode = '110037' as Pincode;
const warehouseId = 'wh_del' as WarehouseId;

export async function haat(dir: string, syncInterval: '2m' | 'always', say: (text: string) => void): Promise<Seller> {
  const { pid, log, stop } = await startLogServer(dir, say, syncInterval);
  const logger = pino({ level: 'error' });
  const host = createActorHost({ log, kinds: [skuKind], owns: () => true, logger });
  const alone = { nodeId: HERE, call: () => Promise.reject(new Error('there is no other node')) };
  const actors = createActors({ cluster: alone, placement: { ownerOf: () => HERE }, host });
  const always = syncInterval === 'always';
  return {
    key: always ? 'haatFsync' : 'haat',
    name: always ? 'Haat, sync_interval always' : 'Haat, default',
    survives: always ? 'kill -9 of any process, power cut' : 'kill -9 of any process; a power cut loses up to 2 min',
    serverPid: pid,
    async stock(sku, units) {
      const set = await actors.sku(sku as Sku).setStock({ warehouseId, pincode, onHand: units });
      if (!set.ok) throw new Error(`no stock: ${set.rejection.type}`);
    },
    async grant(sku, orderId) {
      const expiresAt = Date.now() + HOLD_MS;
      const hold = await actors
        .sku(sku as Sku)
        .reserve({ orderId: `ord_${orderId}` as OrderId, quantity: 1, pincode, expiresAt });
      if (!hold.ok) throw new Error(`not granted: ${hold.rejection.type}`);
    },
    async granted(sku) {
      const { view } = await actors.sku.read(sku as Sku);
      return view.reserved;
    },
    async close() {
      await host.stop(1_000);
      await stop();
    },
  };
}
