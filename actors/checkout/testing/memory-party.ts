/**
 * A payment gateway in memory, as a bank sees it: what it was asked, what it holds, and the notices that it owes, which whoever
 * tests delivers, repeats, or loses.
 */
import type { Instant, Paise, PaymentId, RefundId } from '../../ids.ts';
import { paise } from '../../ids.ts';
import type { PaymentMethod } from '../../order/order.ts';
import { GatewayError, type GatewayNotice, type PaymentGateway } from '../ports.ts';

type Money = { readonly id: string; readonly amount: Paise; readonly at: Instant };
type Held = {
  readonly amount: Paise;
  readonly captures: Money[];
  promise: (Money & { state: 'standing' | 'taken' | 'off' }) | undefined;
  readonly refunds: { readonly refundId: RefundId; readonly from: string; readonly amount: Paise }[];
};

export class MemoryParty {
  readonly held = new Map<PaymentId, Held>();
  /** Not yet told. */
  readonly owed: GatewayNotice[] = [];
  down = false;
  readonly gateway: PaymentGateway;
  readonly #lends: boolean;
  #made = 0;

  constructor(name: string, methods: readonly PaymentMethod[], settles: 'prepaid' | 'on-capture') {
    this.#lends = settles === 'on-capture';
    const common: PaymentGateway = {
      name,
      methods,
      settles,
      open: (asked) => this.#answer(() => this.#open(asked)),
      refund: (asked) => this.#answer(() => this.#refund(asked)),
      status: ({ paymentId }) => this.#answer(() => this.#known(paymentId)),
      readWebhook: async () => undefined,
    };
    const promises: Pick<PaymentGateway, 'capture' | 'void'> = {
      capture: ({ paymentId, amount }) => this.#answer(() => this.#take(paymentId, amount)),
      void: ({ paymentId }) => this.#answer(() => this.#letGo(paymentId)),
    };
    this.gateway = this.#lends ? { ...common, ...promises } : common;
  }

  /** All that it has taken and not given back. */
  net(): number {
    let net = 0;
    for (const { captures, refunds } of this.held.values()) {
      for (const { amount } of captures) net += amount;
      for (const { amount } of refunds) net -= amount;
    }
    return net;
  }

  standing(): number {
    return [...this.held.values()].filter(({ promise }) => promise?.state === 'standing').length;
  }

  /** The customer on its page, which is paid once; what fails may be tried again. */
  pay(paymentId: PaymentId, works: boolean, at: Instant): void {
    const held = this.held.get(paymentId);
    if (held === undefined || held.captures.length > 0) return;
    this.#made += 1;
    const gatewayPaymentId = `${this.gateway.name}_${this.#made}`;
    const about = { paymentId, gatewayPaymentId };
    if (!works) {
      this.owed.push({ type: 'failed', ...about, code: 'no', description: 'no' });
      return;
    }
    const { amount } = held;
    if (!this.#lends) {
      held.captures.push({ id: gatewayPaymentId, amount, at });
      this.owed.push({ type: 'captured', ...about, amount, gatewayAt: at });
    } else if (held.promise === undefined) {
      held.promise = { id: gatewayPaymentId, amount, at, state: 'standing' };
      this.owed.push({ type: 'authorised', ...about, amount, gatewayAt: at, expiresAt: at + 1 });
    }
  }

  async #answer<T>(answer: () => T): Promise<T> {
    if (this.down) throw new GatewayError('timeout', 'no answer');
    return answer();
  }

  #open({ paymentId, amount }: { paymentId: PaymentId; amount: Paise }) {
    if (!this.held.has(paymentId)) this.held.set(paymentId, { amount, captures: [], promise: undefined, refunds: [] });
    return { gatewayOrderId: `${this.gateway.name}_${paymentId}`, paymentUrl: 'https://pay.example/' };
  }

  #of(paymentId: PaymentId): Held {
    const held = this.held.get(paymentId);
    if (held === undefined) throw new GatewayError('refused', 'unknown');
    return held;
  }

  #refund(asked: { paymentId: PaymentId; refundId: RefundId; gatewayPaymentId: string; amount: Paise }) {
    const { refundId, gatewayPaymentId: from, amount } = asked;
    const { captures, refunds } = this.#of(asked.paymentId);
    const answer = { gatewayRefundId: `rf_${refundId}`, status: 'processed' as const };
    if (refunds.some((refund) => refund.refundId === refundId)) return answer;
    const captured = captures.find(({ id }) => id === from)?.amount ?? 0;
    const back = refunds.filter((refund) => refund.from === from).reduce((sum, refund) => sum + refund.amount, 0);
    if (amount > captured - back) throw new GatewayError('refused', 'more than there is');
    refunds.push({ refundId, from, amount });
    return answer;
  }

  #take(paymentId: PaymentId, amount: Paise): void {
    const { promise, captures } = this.#of(paymentId);
    if (promise?.state === 'taken' && captures[0]?.amount === amount) return;
    if (promise?.state !== 'standing' || amount > promise.amount) throw new GatewayError('refused', 'not promised');
    promise.state = 'taken';
    captures.push({ id: promise.id, amount, at: promise.at });
    const about = { paymentId, gatewayPaymentId: promise.id };
    this.owed.push({ type: 'captured', ...about, amount, gatewayAt: promise.at });
  }

  #letGo(paymentId: PaymentId): void {
    const { promise } = this.#of(paymentId);
    if (promise?.state === 'taken') throw new GatewayError('refused', 'taken');
    if (promise?.state !== 'standing') return;
    promise.state = 'off';
    this.owed.push({ type: 'voided', paymentId, gatewayPaymentId: promise.id });
  }

  #known(paymentId: PaymentId): readonly GatewayNotice[] {
    const { captures, promise, refunds } = this.#of(paymentId);
    const told: GatewayNotice[] = [];
    if (promise !== undefined) {
      const { id: gatewayPaymentId, amount, at } = promise;
      told.push({ type: 'authorised', paymentId, gatewayPaymentId, amount, gatewayAt: at, expiresAt: at + 1 });
    }
    for (const { id: gatewayPaymentId, amount, at } of captures)
      told.push({ type: 'captured', paymentId, gatewayPaymentId, amount: paise(amount), gatewayAt: at });
    if (promise?.state === 'off') told.push({ type: 'voided', paymentId, gatewayPaymentId: promise.id });
    for (const { refundId } of refunds)
      told.push({ type: 'refunded', paymentId, refundId, gatewayRefundId: `rf_${refundId}` });
    return told;
  }
}
