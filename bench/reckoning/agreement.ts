/** The event streams against PostgreSQL and against the gateway's till: what is in one must be in the other, both ways. */
import { keptOf, type Ledgers } from './ledgers.ts';
import type { Tables } from './tables.ts';
import type { Till } from './till.ts';

export function tablesAgainstLedgers(tables: Tables, { skus, orders, payments }: Ledgers): readonly string[] {
  const faults: string[] = [];
  const strangers = new Set([...tables.orders.keys(), ...tables.inventory.keys(), ...tables.payments.keys()]);
  for (const [id, { state }] of skus) {
    for (const [warehouse, { onHand, reserved }] of Object.entries(state.warehouses)) {
      const key = `${id} ${warehouse}`;
      strangers.delete(key);
      const row = tables.inventory.get(key);
      if (row?.onHand !== onHand || row.reserved !== reserved)
        faults.push(`${key}: ${onHand}/${reserved} in the stream, ${row?.onHand}/${row?.reserved} in PostgreSQL`);
    }
    const sold = state.sold - state.restocked;
    const rows = tables.sold.get(id) ?? 0;
    if (rows !== sold) faults.push(`${id}: ${sold} sold by the stream, ${rows} in PostgreSQL`);
  }
  for (const [id, { state }] of orders) {
    if (state.status === 'NONE') continue;
    strangers.delete(id);
    const row = tables.orders.get(id);
    const units = state.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    if (row?.status !== state.status || row.total !== state.totals.total || row.units !== units)
      faults.push(`${id}: ${state.status} in the stream, ${row?.status ?? 'nothing'} in PostgreSQL`);
  }
  for (const [id, { state }] of payments) {
    if (state.status === 'none') continue;
    strangers.delete(id);
    const row = tables.payments.get(id);
    const captured = state.status === 'captured' ? state.capture.amount : 0;
    const refunded = state.refunds.reduce((sum, { status, amount }) => sum + (status === 'processed' ? amount : 0), 0);
    if (row?.captured !== captured || row.refunded !== refunded)
      faults.push(
        `${id}: ${captured}/${refunded} paise in the stream, ${row?.captured}/${row?.refunded} in PostgreSQL`,
      );
  }
  for (const key of strangers) faults.push(`${key} is in PostgreSQL and in no stream`);
  return faults;
}

/** By payment: a checkout that died between two steps may have made two gateway orders for one, and either may be paid. */
export function tillAgainstLedgers({ payments: taken }: Till, { payments }: Ledgers): readonly string[] {
  const faults: string[] = [];
  const strangers = new Set(taken.keys());
  for (const [id, { state }] of payments) {
    // Cash is taken at the door, not at the gateway.
    if (state.status === 'none' || state.method === 'cod') continue;
    strangers.delete(id);
    const { captured, refunded } = taken.get(id) ?? { captured: 0, refunded: 0 };
    const kept = captured - refunded;
    if (kept !== keptOf(state)) faults.push(`${id}: ${keptOf(state)} paise in our books, ${kept} at the gateway`);
  }
  // A payment page that was made and never offered is no fault; money on it is.
  for (const id of strangers) {
    const money = taken.get(id);
    if (money !== undefined && money.captured !== money.refunded)
      faults.push(`${id}: ${money.captured - money.refunded} paise at the gateway for no payment of ours`);
  }
  return faults;
}
