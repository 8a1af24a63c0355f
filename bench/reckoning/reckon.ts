/**
 * The reckoning after a sale: what customers were told, what the event streams hold, what PostgreSQL shows and what the
 * payment simulator took, side by side. A line that does not agree is marked, and the result is false.
 */
import { connect } from '@nats-io/transport-node';
import { table } from '../demo/live-table.ts';
import type { Told } from '../demo/sale.ts';
import type { System } from '../system.ts';
import { tablesAgainstLedgers, tillAgainstLedgers } from './agreement.ts';
import { type Ledgers, readLedgers } from './ledgers.ts';
import { readTables, type Tables } from './tables.ts';
import { readTill, type Till } from './till.ts';

export type Sale = {
  readonly told: readonly Told[];
  /** A SKU made for this sale, with as many units. */
  readonly hot?: { readonly sku: string; readonly units: number; readonly buyers: number };
  /** Customers who gave up without an answer: what they asked for may or may not have happened. */
  readonly gaveUp?: number;
  /** Every reservation has run out by now, so every order must have ended or been bought. */
  readonly allEnded?: boolean;
};

type Books = { readonly ledgers: Ledgers; readonly tables: Tables; readonly till: Till };

const REST_WITHIN_MS = 60_000;

/** Waits until the system has come to rest: then prints the comparison. */
export async function reckon(system: System, sale: Sale, say: (text: string) => void): Promise<boolean> {
  const end = Date.now() + REST_WITHIN_MS;
  const servers = system.natsUrl.split(',');
  const nc = await persist(end, () => connect({ servers, name: 'haat-reckoning' }));
  try {
    for (;;) {
      const books = await persist(end, async () => ({
        ledgers: await readLedgers(nc),
        tables: await readTables(system.databaseUrl),
        till: await readTill(system.simulator),
      }));
      const faults = faultsOf(books, sale);
      if (faults.length === 0 || Date.now() > end) {
        show(books, sale, faults, say);
        return faults.length === 0;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  } finally {
    await nc.close();
  }
}

/** A server that was killed a moment ago may still be on its way back. */
async function persist<T>(end: number, read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function faultsOf(
  { ledgers, tables, till }: Books,
  { told, hot, gaveUp = 0, allEnded = false }: Sale,
): readonly string[] {
  const faults = [...ledgers.faults];
  for (const { orderId, userId, total, did, saw } of told) {
    const state = ledgers.orders.get(orderId)?.state;
    if (state === undefined || state.status === 'NONE') {
      faults.push(`${orderId} was acknowledged and is not in the streams`);
      continue;
    }
    if (state.userId !== userId || state.totals.total !== total)
      faults.push(`${orderId} is not as it was acknowledged`);
    if (saw === 'CONFIRMED' && state.status !== 'CONFIRMED')
      faults.push(`${orderId} was CONFIRMED and is ${state.status}`);
    if (did !== 'abandoned' && (state.status === 'CREATED' || state.status === 'PAYMENT_PENDING'))
      faults.push(`${orderId} (${did}) is still ${state.status}`);
  }
  for (const [id, { state }] of allEnded ? ledgers.orders : []) {
    if (state.status === 'CREATED' || state.status === 'PAYMENT_PENDING' || state.status === 'PAYMENT_FAILED')
      faults.push(`${id} is still ${state.status}`);
  }
  faults.push(...tablesAgainstLedgers(tables, ledgers), ...tillAgainstLedgers(till, ledgers));
  if (hot) {
    const { bought } = hotCounts(ledgers, hot.sku);
    const acknowledged = told.filter(({ orderId }) => bought.has(orderId)).length;
    const wanted = Math.min(hot.units, hot.buyers);
    if (bought.size > wanted || bought.size < wanted - gaveUp)
      faults.push(`${hot.sku}: ${bought.size} of ${wanted} were sold`);
    if (acknowledged > bought.size || acknowledged < bought.size - gaveUp)
      faults.push(`${hot.sku}: ${bought.size} were sold, ${acknowledged} buyers know`);
  }
  return faults;
}

function hotCounts(ledgers: Ledgers, sku: string) {
  const state = ledgers.skus.get(sku)?.state;
  const bought = new Set<string>();
  for (const event of ledgers.skus.get(sku)?.events ?? [])
    if (event.type === 'StockCommitted') bought.add(event.orderId);
  const warehouses = Object.values(state?.warehouses ?? {});
  const held = warehouses.reduce((units, { reserved }) => units + reserved, 0);
  const left = warehouses.reduce((units, { onHand, reserved }) => units + onHand - reserved, 0);
  return { bought, sold: (state?.sold ?? 0) - (state?.restocked ?? 0), held, left };
}

const rupees = (paise: number): string => `₹${(paise / 100).toLocaleString('en-IN', { minimumFractionDigits: 2 })}`;

function show(
  { ledgers, tables, till }: Books,
  { told, hot }: Sale,
  faults: readonly string[],
  say: (text: string) => void,
) {
  const units = { received: 0, sold: 0, held: 0, left: 0 };
  for (const { state } of ledgers.skus.values()) {
    units.received += state.received;
    units.sold += state.sold - state.restocked;
    for (const { onHand, reserved } of Object.values(state.warehouses)) {
      units.held += reserved;
      units.left += onHand - reserved;
    }
  }
  const rows = { sold: 0, held: 0, left: 0 };
  for (const sold of tables.sold.values()) rows.sold += sold;
  for (const { onHand, reserved } of tables.inventory.values()) {
    rows.held += reserved;
    rows.left += onHand - reserved;
  }
  const money = { captured: 0, refunded: 0 };
  for (const { state } of ledgers.payments.values()) {
    if (state.status === 'none') continue;
    // Cash is taken at the door, not at the gateway.
    if (state.status === 'captured' && state.offer !== null) money.captured += state.capture.amount;
    for (const refund of state.refunds) if (refund.status === 'processed') money.refunded += refund.amount;
  }
  const byStatus = new Map<string, number>();
  for (const { state } of ledgers.orders.values()) byStatus.set(state.status, (byStatus.get(state.status) ?? 0) + 1);
  say('');
  for (const line of table([
    ['the reckoning', 'event streams', 'PostgreSQL', 'gateway'],
    ['units received', units.received, '', ''],
    ['  sold', units.sold, rows.sold, ''],
    ['  held', units.held, rows.held, ''],
    ['  left', units.left, rows.left, ''],
    ...[...byStatus].map(([status, count]) => [`orders ${status}`, count, tables.byStatus.get(status) ?? 0, '']),
    ['captured', rupees(money.captured), rupees(tables.captured), rupees(till.captured)],
    ['refunded', rupees(money.refunded), rupees(tables.refunded), rupees(till.refunded)],
  ]))
    say(line);
  if (hot) {
    const { sold, held, left } = hotCounts(ledgers, hot.sku);
    say(`${hot.sku}: ${hot.buyers} buyers, ${hot.units} units: ${sold} sold, ${held} held, ${left} left`);
  }
  say(`${told.length} acknowledged orders, each looked up in the streams and in PostgreSQL`);
  if (faults.length === 0) say('All agree: not one unit and not one rupee is off.');
  else
    say(
      `${faults.length} DO NOT AGREE:\n${faults
        .slice(0, 20)
        .map((fault) => `  ${fault}`)
        .join('\n')}`,
    );
}
