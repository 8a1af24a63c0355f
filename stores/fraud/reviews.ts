import type { OrderId, Paise, UserId } from '../../actors/ids.ts';
import type { ReviewReason } from '../../actors/order/review.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { ReviewSummary, Reviews } from './port.ts';

type Row = {
  readonly order_id: OrderId;
  readonly user_id: UserId;
  readonly status: ReviewSummary['status'];
  readonly score: number;
  readonly reasons: readonly ReviewReason[];
  readonly total: Paise;
  readonly opened_at: Date;
  readonly cleared_by: UserId | null;
  readonly cleared_at: Date | null;
  readonly note: string | null;
};

const LIST = 'reviews-oldest';

export function createReviews(pool: Queryable): Reviews {
  return {
    async list(status, { limit, cursor }) {
      const [at, id] = cursor === undefined ? [null, null] : decodeCursor(cursor, LIST, ['instant', 'text']);
      const { rows } = await pool.query<Row>({
        name: 'reviews',
        text: `select * from order_reviews
          where status = $1
            and ($2::bigint is null or (opened_at, order_id) > (to_timestamp($2::double precision / 1000), $3::text))
          order by opened_at, order_id limit $4`,
        values: [status, at, id, limit + 1],
      });
      const data = rows.slice(0, limit).map(summaryOf);
      const last = data.at(-1);
      const more = rows.length > limit && last !== undefined;
      return { data, nextCursor: more ? encodeCursor(LIST, [last.openedAt, last.orderId]) : null };
    },
  };
}

const summaryOf = (row: Row): ReviewSummary => ({
  orderId: row.order_id,
  userId: row.user_id,
  status: row.status,
  score: row.score,
  reasons: row.reasons,
  total: row.total,
  openedAt: row.opened_at.getTime(),
  clearedBy: row.cleared_by,
  clearedAt: row.cleared_at?.getTime() ?? null,
  note: row.note,
});
