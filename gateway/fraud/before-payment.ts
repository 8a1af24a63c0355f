/**
 * What is known of an order before it is paid, without asking anybody: what this gateway and the others have seen lately,
 * and what the order says of itself. A repeat of the same order counts once.
 */
import type { Instant, OrderId, Paise, Pincode, UserId } from '../../actors/ids.ts';
import type { PaymentMethod } from '../../actors/order/order.ts';
import { stateCodeOf } from '../../actors/pricing/tax/states.ts';
import { NEW_ACCOUNT_MS, SHARED_CARD_OVER } from '../../config/fraud.ts';
import { bornAt } from '../../config/ids.ts';
import { statesOfPincode } from '../../config/pincodes.ts';
import { type Assessment, assess, type FraudPolicy } from './assess.ts';
import type { Facts } from './facts.ts';
import type { Sightings } from './sightings.ts';

export type Attempt = {
  readonly orderId: OrderId;
  readonly userId: UserId;
  readonly method: PaymentMethod;
  /** To be paid. */
  readonly amount: Paise;
  readonly address: { readonly line1: string; readonly state: string; readonly pincode: Pincode };
  /** As the client names its device (`X-Device-Id`); undefined: it does not. */
  readonly device?: string | undefined;
  readonly hasCoupon: boolean;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export class BeforePayment {
  readonly #seen: Sightings;
  readonly #policy: FraudPolicy;
  readonly #now: () => Instant;

  constructor(seen: Sightings, policy: FraudPolicy, now: () => Instant = Date.now) {
    this.#seen = seen;
    this.#policy = policy;
    this.#now = now;
  }

  judge(attempt: Attempt): Assessment {
    return assess('payment', this.#facts(attempt), this.#policy);
  }

  paymentFailed(userId: UserId, attempt: string): void {
    this.#seen.note('failed-payments', HOUR, userId, attempt);
  }

  /** `card`: the gateway's name for it, never its number. */
  cardUsed(card: string, userId: UserId): void {
    const accounts = this.#seen.note('card-accounts', DAY, card, userId);
    if (accounts > SHARED_CARD_OVER) this.#seen.note('shared-cards', DAY, userId, card);
  }

  #facts({ orderId, userId, method, amount, address, device, hasCoupon }: Attempt): Partial<Facts> {
    const seen = this.#seen;
    const place = placeOf(address);
    const isNew = this.#now() - bornAt(userId) < NEW_ACCOUNT_MS;
    const onDelivery = method === 'cod';
    const state = stateCodeOf(address.state);
    const isOutside = state !== undefined && statesOfPincode(address.pincode)?.has(state) !== true;
    return {
      ordersOfAccountInHour: seen.note('orders-hour', HOUR, userId, orderId),
      ordersOfAccountInDay: seen.note('orders-day', DAY, userId, orderId),
      accountsAtAddressInDay: seen.note('address-accounts', DAY, place, userId),
      accountsOnDeviceInDay: device === undefined ? 0 : seen.note('device-accounts', DAY, device, userId),
      failedPaymentsInHour: seen.count('failed-payments', HOUR, userId),
      sharedCardsInDay: seen.count('shared-cards', DAY, userId),
      pincodeOutsideState: isOutside ? 1 : 0,
      amountOfNewAccount: isNew ? amount : 0,
      codOrdersInDay: onDelivery ? seen.note('cod-orders', DAY, userId, orderId) : 0,
      codAmountOfNewAccount: onDelivery && isNew ? amount : 0,
      couponAccountsOnDeviceInDay:
        hasCoupon && device !== undefined ? seen.note('device-coupons', DAY, device, userId) : 0,
      couponAccountsAtAddressInDay: hasCoupon ? seen.note('address-coupons', DAY, place, userId) : 0,
    };
  }
}

/** However it is written: case, spaces and commas do not make another house. */
const placeOf = ({ line1, pincode }: Attempt['address']): string =>
  `${pincode}:${line1.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '')}`;
