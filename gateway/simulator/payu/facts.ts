/** What PayU's part of the simulator remembers. Amounts are paise, times seconds since the epoch; a line of its journal each. */
export type Webhook = {
  readonly id: string;
  readonly name: 'payment' | 'refund';
  readonly at: number;
  /** As it was when it happened: a retry is the same, byte for byte. */
  readonly type: 'application/json' | 'application/x-www-form-urlencoded';
  readonly body: string;
};

/** What the shop posted, as text, and checked. */
export type Posted = Readonly<
  Record<'key' | 'txnid' | 'amount' | 'productinfo' | 'firstname' | 'email' | 'phone' | 'surl' | 'furl', string> &
    Partial<Record<'lastname' | 'udf1' | 'udf2' | 'udf3' | 'udf4' | 'udf5', string>>
>;

export type Fact =
  | { readonly type: 'posted'; readonly posted: Posted; readonly amount: number; readonly at: number }
  | {
      readonly type: 'tried';
      readonly mihpayid: string;
      readonly txnid: string;
      readonly success: boolean;
      /** Paid by the customer on top of the amount. */
      readonly charges: number;
      readonly at: number;
      readonly owed: Webhook;
    }
  | {
      readonly type: 'refund';
      readonly requestId: string;
      readonly mihpayid: string;
      readonly token: string;
      readonly amount: number;
      readonly at: number;
    }
  | { readonly type: 'refund-ended'; readonly requestId: string; readonly as: RefundEnd; readonly owed: Webhook }
  | { readonly type: 'delivered'; readonly id: string };

export type RefundEnd = 'success' | 'failure';

export type Transaction = {
  readonly posted: Posted;
  readonly amount: number;
  readonly attempts: Attempt[];
};

export type Attempt = {
  readonly mihpayid: string;
  readonly transaction: Transaction;
  readonly success: boolean;
  readonly charges: number;
  readonly at: number;
  readonly refunds: Refund[];
};

export type Refund = {
  readonly requestId: string;
  readonly attempt: Attempt;
  readonly token: string;
  readonly amount: number;
  readonly at: number;
  status: 'queued' | RefundEnd;
};

export const isPaid = ({ attempts }: Transaction): boolean => attempts.some(({ success }) => success);

/** Given back or on its way; a refund that failed is not. */
export const refundedOf = ({ refunds }: Attempt): number =>
  refunds.reduce((total, { status, amount }) => total + (status === 'failure' ? 0 : amount), 0);
