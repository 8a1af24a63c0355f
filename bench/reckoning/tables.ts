/** What PostgreSQL shows of orders, stock and money. */
import { Client } from 'pg';

export type Tables = {
  readonly orders: ReadonlyMap<string, { readonly status: string; readonly total: number; readonly units: number }>;
  readonly byStatus: ReadonlyMap<string, number>;
  /** By `<sku> <warehouse>`. */
  readonly inventory: ReadonlyMap<string, { readonly onHand: number; readonly reserved: number }>;
  /** Units by SKU, less what came back. */
  readonly sold: ReadonlyMap<string, number>;
  readonly payments: ReadonlyMap<string, { readonly captured: number; readonly refunded: number }>;
  /** At the gateway: without cash. */
  readonly captured: number;
  readonly refunded: number;
};

export async function readTables(databaseUrl: string): Promise<Tables> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    // All of one moment.
    await client.query('begin isolation level repeatable read read only');
    const orders = await client.query<{ id: string; status: string; total: string; units: string }>(
      `select o.id, o.status, o.total, sum(i.quantity) as units
       from orders o left join order_items i on i.order_id = o.id group by o.id`,
    );
    const inventory = await client.query<{ sku: string; warehouse_id: string; on_hand: number; reserved: number }>(
      'select sku, warehouse_id, on_hand, reserved from inventory',
    );
    const sold = await client.query<{ sku: string; sold: string }>(
      "select sku, sum(quantity) as sold from inventory_reservations where status = 'committed' group by sku",
    );
    const payments = await client.query<{ id: string; method: string; captured: string; refunded: string }>(
      `select p.id, p.method, p.captured, coalesce(sum(r.amount), 0) as refunded
       from payments p left join refunds r on r.payment_id = p.id and r.status = 'processed' group by p.id`,
    );
    const byStatus = new Map<string, number>();
    for (const { status } of orders.rows) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    return {
      orders: new Map(
        orders.rows.map(({ id, status, total, units }) => [id, { status, total: Number(total), units: Number(units) }]),
      ),
      byStatus,
      inventory: new Map(
        inventory.rows.map((row) => [
          `${row.sku} ${row.warehouse_id}`,
          { onHand: Number(row.on_hand), reserved: Number(row.reserved) },
        ]),
      ),
      sold: new Map(sold.rows.map((row) => [row.sku, Number(row.sold)])),
      payments: new Map(
        payments.rows.map(({ id, captured, refunded }) => [
          id,
          { captured: Number(captured), refunded: Number(refunded) },
        ]),
      ),
      captured: payments.rows.reduce((sum, { method, captured }) => sum + (method === 'cod' ? 0 : Number(captured)), 0),
      refunded: payments.rows.reduce((sum, { refunded }) => sum + Number(refunded), 0),
    };
  } finally {
    await client.end();
  }
}
