/** What PostgreSQL shows of orders, stock and money. */
import { Client } from 'pg';

export type Tables = {
  readonly orders: ReadonlyMap<string, { readonly status: string; readonly total: number }>;
  readonly byStatus: ReadonlyMap<string, number>;
  /** By `<sku> <warehouse>`. */
  readonly inventory: ReadonlyMap<string, { readonly onHand: number; readonly reserved: number }>;
  readonly captured: number;
  readonly refunded: number;
};

export async function readTables(databaseUrl: string): Promise<Tables> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const orders = await client.query<{ id: string; status: string; total: string }>(
      'SELECT id, status, total FROM orders',
    );
    const inventory = await client.query<{ sku: string; warehouse_id: string; on_hand: number; reserved: number }>(
      'SELECT sku, warehouse_id, on_hand, reserved FROM inventory',
    );
    const payments = await client.query<{ captured: string }>(
      "SELECT coalesce(sum(captured), 0) AS captured FROM payments WHERE method <> 'cod'",
    );
    const refunds = await client.query<{ refunded: string }>(
      "SELECT coalesce(sum(amount), 0) AS refunded FROM refunds WHERE status = 'processed'",
    );
    const byStatus = new Map<string, number>();
    for (const { status } of orders.rows) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    return {
      orders: new Map(orders.rows.map(({ id, status, total }) => [id, { status, total: Number(total) }])),
      byStatus,
      inventory: new Map(
        inventory.rows.map((row) => [
          `${row.sku} ${row.warehouse_id}`,
          { onHand: Number(row.on_hand), reserved: Number(row.reserved) },
        ]),
      ),
      captured: Number(payments.rows[0]?.captured ?? 0),
      refunded: Number(refunds.rows[0]?.refunded ?? 0),
    };
  } finally {
    await client.end();
  }
}
