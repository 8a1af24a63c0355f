import type { Queryable } from '../postgres/pool.ts';
import type { Past, PastOrders } from './port.ts';

export function createPastOrders(pool: Queryable): PastOrders {
  return {
    async of(userId, orderId) {
      const { rows } = await pool.query<Past>({
        name: 'past-orders',
        text: `select
            count(*) filter (where payment_method = 'cod' and status in ('CANCELLED', 'RETURNED'))::integer
              as "codOrdersRefused",
            count(*) filter (where status in ('DELIVERED', 'RETURN_REQUESTED', 'RETURNED'))::integer as delivered,
            count(*) filter (where status = 'RETURNED')::integer as returned,
            coalesce((select failures from payments where order_id = $2 order by created_at desc limit 1), 0)::integer
              as "failedPayments"
          from orders
          where user_id = $1 and id <> $2 and created_at > now() - interval '180 days'`,
        values: [userId, orderId],
      });
      const [row] = rows;
      if (row === undefined) throw new Error('a count without a row');
      return row;
    },
  };
}
