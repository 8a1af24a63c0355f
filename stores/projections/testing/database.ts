/** What the tests look at in PostgreSQL. */
import { expect } from 'vitest';
import type { Pool } from '../../postgres/pool.ts';
import { SKUS, type Traffic, userOf } from './traffic.ts';

/** From now on every row that is written leaves a trace in `writes`: the same version twice is a repeat. */
export async function traceWrites(pool: Pool): Promise<void> {
  await pool.query(`
    create table writes (row_name text not null, version bigint not null);
    create function trace_write() returns trigger language plpgsql as $$
    begin
      insert into writes values (tg_argv[0] || ' ' || new.id, new.version);
      return new;
    end $$;
    create trigger trace after insert or update on orders for each row execute function trace_write('order');
    create trigger trace after insert or update on payments for each row execute function trace_write('payment');`);
}

export async function repeatedWrites(pool: Pool): Promise<readonly unknown[]> {
  const { rows } = await pool.query(
    'select row_name, version, count(*) from writes group by row_name, version having count(*) > 1',
  );
  return rows;
}

/** Every table says what the actors say. */
export async function expectTablesLike(pool: Pool, traffic: Traffic): Promise<void> {
  await expectWalletsLike(pool, traffic);
  for (const id of traffic.orders) {
    const { view, version } = await traffic.order(id);
    if (view.status === 'NONE') throw new Error(`${id} was never placed`);
    const [row] = (await pool.query('select * from orders where id = $1', [id])).rows;
    expect(row).toMatchObject({
      id,
      user_id: view.userId,
      status: view.status,
      total: view.totals.total,
      refunded: view.refunded,
      payment_status: view.payment.status,
      cancel_reason: view.cancelled?.reason ?? null,
      shipping_address: view.shippingAddress,
      created_at: new Date(view.createdAt),
      updated_at: new Date(view.updatedAt),
      version,
    });
    const items = await pool.query(
      'select sku, quantity, status from order_items where order_id = $1 order by position',
      [id],
    );
    expect(items.rows).toEqual(view.lines.map(({ sku, quantity, status }) => ({ sku, quantity, status })));
    const paid = await traffic.payment(view.payment.id);
    if (paid.view.status === 'none') throw new Error(`${id} has no payment`);
    const [money] = (await pool.query('select * from payments where order_id = $1', [id])).rows;
    expect(money).toMatchObject({
      id: view.payment.id,
      status: paid.view.status,
      amount: paid.view.amount,
      captured: paid.view.capture?.amount ?? 0,
      failures: paid.view.failures,
      version: paid.version,
    });
    const refunds = await pool.query('select id, amount, status from refunds where order_id = $1', [id]);
    expect(refunds.rows).toEqual(
      paid.view.refunds.map(({ refundId, amount, status }) => ({ id: refundId, amount, status })),
    );
  }
  for (const sku of SKUS) {
    const { view } = await traffic.sku(sku);
    const stock = await pool.query(
      'select warehouse_id, on_hand, reserved from inventory where sku = $1 order by warehouse_id',
      [sku],
    );
    expect(stock.rows).toEqual(
      view.warehouses
        .map(({ warehouseId, onHand, reserved }) => ({ warehouse_id: warehouseId, on_hand: onHand, reserved }))
        .sort((a, b) => (a.warehouse_id < b.warehouse_id ? -1 : 1)),
    );
    const holds = await pool.query<{ status: string; units: number }>(
      'select status, sum(quantity)::integer as units from inventory_reservations where sku = $1 group by status',
      [sku],
    );
    const units = new Map(holds.rows.map((row) => [row.status, row.units]));
    expect({ held: units.get('held') ?? 0, sold: units.get('committed') ?? 0 }).toEqual({
      held: view.reserved,
      sold: view.sold,
    });
  }
}

/** Their movements lead from nothing to what the wallet has, each from what the one before had left. */
async function expectWalletsLike(pool: Pool, traffic: Traffic): Promise<void> {
  for (const user of new Set(traffic.orders.map((_, index) => userOf(index + 1)))) {
    const { view, version } = await traffic.wallet(user);
    const { rows } = await pool.query('select * from wallets where user_id = $1', [user]);
    const { balance, credit, held } = view;
    expect(rows).toMatchObject([{ balance, credit, held: held.own, credit_held: held.credit, version }]);
    const entries = await pool.query('select * from wallet_entries where user_id = $1 order by version', [user]);
    let [own, promotional] = [0, 0];
    for (const entry of entries.rows) {
      own += entry.own_change;
      promotional += entry.credit_change;
      expect(entry).toMatchObject({ balance: own, credit: promotional });
    }
    expect([own, promotional]).toEqual([balance, credit]);
  }
}
