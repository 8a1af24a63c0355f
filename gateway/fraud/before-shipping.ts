/** What the shop's own books say, looked up when goods are about to leave: nobody waits for it at checkout. */
import type { OrderId, UserId } from '../../actors/ids.ts';
import type { Past, PastOrders } from '../../stores/fraud/port.ts';
import { type Assessment, assess, type FraudPolicy } from './assess.ts';
import type { Facts } from './facts.ts';

/** Of fewer, a share says nothing. */
const ENOUGH_DELIVERED = 5;

export class BeforeShipping {
  readonly #past: PastOrders;
  readonly #policy: FraudPolicy;

  constructor(past: PastOrders, policy: FraudPolicy) {
    this.#past = past;
    this.#policy = policy;
  }

  /** Rejects when the books cannot be read: then nothing is sent. */
  async judge(order: { readonly id: OrderId; readonly userId: UserId }): Promise<Assessment> {
    return assess('shipping', factsOf(await this.#past.of(order.userId, order.id)), this.#policy);
  }
}

const factsOf = ({ codOrdersRefused, delivered, returned, failedPayments }: Past): Partial<Facts> => ({
  codOrdersRefused,
  returnedPercent: delivered < ENOUGH_DELIVERED ? 0 : Math.floor((100 * returned) / delivered),
  paymentTries: failedPayments + 1,
});
