/**
 * New ids: `<prefix>_` and a UUIDv7 (RFC 9562) as 32 hex digits, so that ids sort by the time they were made.
 * 36 characters, which fits where outside parties bound them (Razorpay's `receipt`: 40).
 */
import { hash } from 'node:crypto';
import { v7 } from 'uuid';
import type {
  AddressId,
  GrantId,
  Instant,
  OrderId,
  PaymentId,
  ProductId,
  PromotionId,
  RefundId,
  ReturnId,
  SaleId,
  SellerId,
  TopUpId,
  UserId,
} from '../actors/ids.ts';

type IdOf = {
  readonly usr: UserId;
  readonly ord: OrderId;
  readonly pay: PaymentId;
  readonly rfd: RefundId;
  readonly ret: ReturnId;
  readonly adr: AddressId;
  readonly prd: ProductId;
  readonly sel: SellerId;
  readonly sal: SaleId;
  readonly prm: PromotionId;
  readonly top: TopUpId;
  readonly grt: GrantId;
};
export type IdPrefix = keyof IdOf;

const branded = <P extends IdPrefix>(prefix: P, hex: string): IdOf[P] => `${prefix}_${hex}` as IdOf[P];

/** Later ids of one process are greater, within a millisecond too. */
export const newId = <P extends IdPrefix>(prefix: P): IdOf[P] => branded(prefix, v7().replaceAll('-', ''));

/**
 * The same seed and time give the same id: a retry that kept both (an Idempotency-Key's record) makes the order
 * that it made before, not a second one. `at` is the time part, so the id sorts like one made by `newId` then.
 */
export function idFrom<P extends IdPrefix>(prefix: P, seed: string, at: Instant): IdOf[P] {
  const bytes = hash('sha256', `${prefix}:${seed}`, 'buffer').subarray(0, 16);
  bytes.writeUIntBE(at, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6); // version 7
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8); // variant 10
  return branded(prefix, bytes.toString('hex'));
}

/** When it was made: the time part of a UUIDv7 (RFC 9562, 5.7). Epoch ms. */
export const bornAt = (id: string): Instant => Number.parseInt(id.slice(id.indexOf('_') + 1).slice(0, 12), 16);
