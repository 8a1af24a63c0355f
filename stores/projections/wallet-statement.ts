import type { UserId } from '../../actors/ids.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { WalletEntry, WalletStatement } from './port.ts';

type Row = Omit<WalletEntry, 'at' | 'ownChange' | 'creditChange'> & {
  readonly own_change: WalletEntry['ownChange'];
  readonly credit_change: WalletEntry['creditChange'];
  readonly at: Date;
};

const LIST = 'wallet-statement';

export function createWalletStatement(pool: Queryable): WalletStatement {
  return {
    async of(userId: UserId, { limit, cursor }) {
      const [before] = cursor === undefined ? [null] : decodeCursor(cursor, LIST, ['integer']);
      const { rows } = await pool.query<Row>({
        name: 'wallet-statement',
        text: `select version, type, reference, amount, own_change, credit_change, balance, credit, at
          from wallet_entries where user_id = $1 and ($2::bigint is null or version < $2)
          order by version desc limit $3`,
        // One more than is shown tells whether there are more.
        values: [userId, before, limit + 1],
      });
      const data = rows.slice(0, limit).map(({ own_change, credit_change, at, ...row }) => ({
        ...row,
        ownChange: own_change,
        creditChange: credit_change,
        at: at.getTime(),
      }));
      const last = data.at(-1);
      const more = rows.length > limit && last !== undefined;
      return { data, nextCursor: more ? encodeCursor(LIST, [last.version]) : null };
    },
  };
}
