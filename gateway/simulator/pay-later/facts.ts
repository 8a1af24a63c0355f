/** What the lender's part of the simulator remembers. Amounts are paise, times seconds; a line of its journal each. */
export type Webhook = { readonly id: string; readonly name: string; readonly at: number; readonly body: string };

export type Fact =
  | {
      readonly type: 'created';
      readonly id: string;
      readonly orderId: string;
      readonly amount: number;
      readonly at: number;
    }
  | { readonly type: 'declined'; readonly id: string; readonly declineId: string; readonly at: number }
  | { readonly type: 'authorized'; readonly id: string; readonly at: number; readonly expiresAt: number }
  | { readonly type: 'captured'; readonly id: string; readonly amount: number; readonly at: number }
  | { readonly type: 'voided' | 'expired'; readonly id: string; readonly at: number }
  | {
      readonly type: 'refund';
      readonly id: string;
      readonly refund: string;
      readonly refundId: string;
      readonly amount: number;
      readonly at: number;
    }
  | {
      readonly type: 'refund-ended';
      readonly id: string;
      readonly refund: string;
      readonly as: 'processed' | 'failed';
      readonly at: number;
    };

/** Each fact in one line with the webhook that it makes the lender owe. */
export type Line = { readonly fact: Fact; readonly owed: Webhook | null } | { readonly delivered: string };

export type Refund = {
  readonly id: string;
  readonly refundId: string;
  readonly amount: number;
  status: 'pending' | 'processed' | 'failed';
};

export type Transaction = {
  readonly id: string;
  readonly orderId: string;
  readonly amount: number;
  status: 'created' | 'authorized' | 'captured' | 'voided' | 'expired';
  captured: number;
  authorizedAt: number | null;
  capturedAt: number | null;
  expiresAt: number | null;
  readonly declines: string[];
  readonly refunds: Refund[];
};

export function evolve(transaction: Transaction, fact: Exclude<Fact, { type: 'created' }>): void {
  switch (fact.type) {
    case 'declined':
      transaction.declines.push(fact.declineId);
      return;
    case 'authorized':
      transaction.status = 'authorized';
      transaction.authorizedAt = fact.at;
      transaction.expiresAt = fact.expiresAt;
      return;
    case 'captured':
      transaction.status = 'captured';
      transaction.captured = fact.amount;
      transaction.capturedAt = fact.at;
      return;
    case 'voided':
    case 'expired':
      transaction.status = fact.type;
      return;
    case 'refund':
      transaction.refunds.push({ id: fact.refund, refundId: fact.refundId, amount: fact.amount, status: 'pending' });
      return;
    case 'refund-ended': {
      const refund = transaction.refunds.find(({ id }) => id === fact.refund);
      if (refund !== undefined) refund.status = fact.as;
      return;
    }
    default:
      fact satisfies never;
  }
}

/** Given back or on its way; a refund that failed is not. */
export const refundedOf = ({ refunds }: Transaction): number =>
  refunds.reduce((total, { status, amount }) => total + (status === 'failed' ? 0 : amount), 0);
