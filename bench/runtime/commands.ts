/** Commands given to a host directly: no proxy, no other process. */
import type { OrderId, Pincode, WarehouseId } from '../../actors/ids.ts';
import type { ActorHost } from '../../actors/runtime/host.ts';

const HOLD_MS = 600_000;
const UNITS = 10_000_000;
/** About half as many holds stand at any time. */
const SOLD_LATER = 4_001;
const pincode = '110037' as Pincode;

let commandNumber = 0;

async function command(host: ActorHost, kind: string, id: string, type: string, input: object): Promise<void> {
  const commandId = `cmd_${(++commandNumber).toString(16).padStart(32, '0')}`;
  const reply = await host.command({ kind, id, type, input, commandId, deadline: Date.now() + 30_000 });
  if ('failure' in reply || !reply.ok) throw new Error(`${kind} ${type}: ${JSON.stringify(reply)}`);
}

export const payTill = (host: ActorHost, id: string): Promise<void> => command(host, 'till', id, 'pay', { amount: 1 });

/** As a sale goes: held, and a little later sold. The answer does the one or the other. */
export async function holdAndSell(host: ActorHost, id: string): Promise<(n: number) => Promise<void>> {
  await command(host, 'sku', id, 'setStock', { warehouseId: 'wh_del' as WarehouseId, pincode, onHand: UNITS });
  const orderId = (order: number): OrderId => `ord_${order.toString(16).padStart(32, '0')}` as OrderId;
  return async (n) => {
    if (n % 2 === 0) {
      const expiresAt = Date.now() + HOLD_MS;
      await command(host, 'sku', id, 'reserve', { orderId: orderId(n), quantity: 1, pincode, expiresAt });
    } else if (n >= SOLD_LATER) {
      await command(host, 'sku', id, 'commit', { orderId: orderId(n - SOLD_LATER), quantity: 1, pincode });
    }
  };
}
