/** Wallets and their movements, for statements and for whoever checks the books. */
import type { Instant, Paise } from '../../actors/ids.ts';
import { wallet } from '../../actors/wallet/kind.ts';
import type { Account, WalletEvent } from '../../actors/wallet/wallet.ts';
import { defineProjection } from './projection.ts';
import type { Change, Table } from './table.ts';

const WALLETS: Table = {
  name: 'wallets',
  key: ['user_id'],
  columns: {
    user_id: { type: 'text' },
    kyc_level: { type: 'text' },
    balance: { type: 'bigint' },
    held: { type: 'bigint' },
    credit: { type: 'bigint' },
    credit_held: { type: 'bigint' },
    clearing: { type: 'bigint' },
    orders: { type: 'bigint' },
    promotions: { type: 'bigint' },
    updated_at: { type: 'instant' },
    version: { type: 'bigint' },
  },
};

const ENTRIES: Table = {
  name: 'wallet_entries',
  key: ['user_id', 'version'],
  columns: {
    user_id: { type: 'text' },
    version: { type: 'bigint' },
    type: { type: 'text' },
    reference: { type: 'text' },
    amount: { type: 'bigint' },
    own_change: { type: 'bigint' },
    credit_change: { type: 'bigint' },
    balance: { type: 'bigint' },
    credit: { type: 'bigint' },
    postings: { type: 'json' },
    at: { type: 'instant' },
  },
};

type Moved = Extract<WalletEvent, { postings: unknown }>;

export const wallets = defineProjection({
  name: 'wallets',
  kind: wallet,
  tables: [WALLETS, ENTRIES],
  changes({ id, events, state: { kyc, accounts }, version, at }): readonly Change[] {
    const row = {
      user_id: id,
      kyc_level: kyc.level,
      balance: accounts.balance,
      held: accounts.held,
      credit: accounts.credit,
      credit_held: accounts['credit-held'],
      clearing: accounts.clearing,
      orders: accounts.orders,
      promotions: accounts.promotions,
      updated_at: at,
      version,
    };
    // From the last event back: the state is what is known, and postings tell what it was before.
    let { balance, credit }: { balance: number; credit: number } = accounts;
    const entries: Change[] = [];
    for (const [index, { event, at: then }] of [...events.entries()].toReversed()) {
      if (!isMove(event)) continue;
      const own = changeOf(event, 'balance');
      const promotional = changeOf(event, 'credit');
      const number = version - events.length + index + 1;
      entries.push({ table: ENTRIES, row: entryOf(id, number, event, then, { own, promotional, balance, credit }) });
      balance -= own;
      credit -= promotional;
    }
    return [{ table: WALLETS, row }, ...entries.toReversed()];
  },
});

/** A hold of nothing that was released has moved nothing. */
const isMove = (event: WalletEvent): event is Moved => 'postings' in event && event.postings.length > 0;

const changeOf = ({ postings }: Moved, account: Account): number =>
  postings.reduce((sum, posting) => (posting.account === account ? sum + posting.amount : sum), 0);

const entryOf = (
  userId: string,
  version: number,
  event: Moved,
  at: Instant,
  to: { own: number; promotional: number; balance: number; credit: number },
) => ({
  user_id: userId,
  version,
  type: event.type,
  reference: 'orderId' in event ? event.orderId : 'topUpId' in event ? event.topUpId : event.grantId,
  amount: movedBy(event),
  own_change: to.own,
  credit_change: to.promotional,
  balance: to.balance,
  credit: to.credit,
  postings: JSON.stringify(event.postings),
  at,
});

/** What came to somebody, which is what left somebody else. */
const movedBy = ({ postings }: Moved): number =>
  postings.reduce((sum, { amount }: { amount: Paise }) => (amount > 0 ? sum + amount : sum), 0);
