/** Razorpay's entities as its API shows them: https://razorpay.com/docs/api/orders, /payments, /refunds */
import { randomBytes } from 'node:crypto';

export type Notes = Readonly<Record<string, string>>;

export type Order = {
  readonly id: string;
  readonly entity: 'order';
  readonly amount: number;
  readonly amount_paid: number;
  readonly amount_due: number;
  readonly currency: 'INR';
  readonly receipt: string | null;
  readonly offer_id: null;
  readonly status: 'created' | 'attempted' | 'paid';
  readonly attempts: number;
  readonly notes: Notes;
  readonly created_at: number;
};

export type Payment = {
  readonly id: string;
  readonly entity: 'payment';
  readonly amount: number;
  readonly currency: 'INR';
  readonly status: 'captured' | 'failed' | 'refunded';
  readonly order_id: string;
  readonly invoice_id: null;
  readonly international: false;
  readonly method: 'upi' | 'card' | 'netbanking';
  readonly amount_refunded: number;
  readonly refund_status: null | 'partial' | 'full';
  readonly captured: boolean;
  readonly description: string | null;
  readonly vpa: string | null;
  readonly email: string;
  readonly contact: string;
  readonly notes: Notes | readonly [];
  readonly fee: number | null;
  readonly tax: number | null;
  readonly error_code: string | null;
  readonly error_description: string | null;
  readonly error_source: string | null;
  readonly error_step: string | null;
  readonly error_reason: string | null;
  readonly created_at: number;
};

export type Refund = {
  readonly id: string;
  readonly entity: 'refund';
  readonly amount: number;
  readonly currency: 'INR';
  readonly payment_id: string;
  readonly notes: Notes;
  readonly receipt: string | null;
  readonly status: 'pending' | 'processed' | 'failed';
  readonly speed_requested: 'normal' | 'optimum';
  readonly speed_processed: 'normal' | 'instant';
  readonly created_at: number;
};

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `order_`, `pay_`, `rfnd_` … and 14 letters and digits, as Razorpay's are. */
export function gatewayId(prefix: string): string {
  let body = '';
  for (const byte of randomBytes(14)) body += ALPHABET[byte % ALPHABET.length];
  return `${prefix}_${body}`;
}

export const nowInSeconds = (): number => Math.floor(Date.now() / 1000);
