import type { Instant, OrderId, Paise } from '../../actors/ids.ts';
import type { OrderStatus } from '../../actors/order/order.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { OrderHistory, OrderSummary } from './port.ts';

type SummaryRow = {
  readonly id: OrderId;
  readonly status: OrderStatus;
  readonly total: Paise;
  readonly item_count: number;
  readonly items: OrderSummary['items'];
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly version: number;
};

const LIST = 'orders-newest';

export function createOrderHistory(pool: Queryable): OrderHistory {
  return {
    async ofUser(userId, { status }, { limit, cursor }) {
      const [at, id] = cursor === undefined ? [null, null] : decodeCursor(cursor, LIST, ['instant', 'text']);
      const { rows } = await pool.query<SummaryRow>({
        name: 'orders-of-user',
        text: `select o.id, o.status, o.total, o.item_count, o.created_at, o.updated_at, o.version, i.items
          from orders o cross join lateral (
            select json_agg(json_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unitPrice', unit_price,
              'status', status) order by position) as items
            from order_items where order_id = o.id) i
          where o.user_id = $1 and ($2::text is null or o.status = $2)
            and ($3::bigint is null or (o.created_at, o.id) < (to_timestamp($3::double precision / 1000), $4::text))
          order by o.created_at desc, o.id desc limit $5`,
        // One more than is shown tells whether there are more.
        values: [userId, status ?? null, at, id, limit + 1],
      });
      const data = rows.slice(0, limit).map(summaryOf);
      const last = data.at(-1);
      const more = rows.length > limit && last !== undefined;
      return { data, nextCursor: more ? encodeCursor(LIST, [last.createdAt, last.id]) : null };
    },
  };
}

const instantOf = (date: Date): Instant => date.getTime();

const summaryOf = (row: SummaryRow): OrderSummary => ({
  id: row.id,
  status: row.status,
  total: row.total,
  itemCount: row.item_count,
  items: row.items,
  createdAt: instantOf(row.created_at),
  updatedAt: instantOf(row.updated_at),
  version: row.version,
});
