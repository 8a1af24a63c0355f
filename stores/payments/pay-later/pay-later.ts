/** A lender behind the port: the customer authorises, we capture on delivery; what is not delivered is voided. */
import type { Logger } from 'pino';
import type { z } from 'zod';
import { GatewayError, type PaymentGateway } from '../../../actors/checkout/ports.ts';
import { paise } from '../../../actors/ids.ts';
import type { HttpRequest } from '../../http/http-peer.ts';
import { OutsideParty, type OutsidePartyOptions } from '../outside-party.ts';
import { methodsOf } from '../routing.ts';
import type { Secrets } from '../secrets.ts';
import { eligibilityAnswer, refundEntity, transactionEntity } from './entities.ts';
import { noticesOf, readNotice } from './notices.ts';
import { isSigned, SIGNATURE_HEADER } from './signature.ts';

export type PayLaterSettings = Pick<OutsidePartyOptions, 'timeoutMs' | 'retryWithinMs' | 'breaker'> & {
  readonly apiUrl: string;
  readonly clientSecret: string;
  readonly webhookSecrets: Secrets;
  readonly log?: Logger;
};

export function createPayLater(settings: PayLaterSettings): PaymentGateway {
  const { apiUrl, clientSecret, webhookSecrets, ...options } = settings;
  const { origin, pathname } = new URL(apiUrl);
  const base = pathname.replace(/\/$/, '');
  const party = new OutsideParty({ ...options, name: 'The lender', origin });
  const headers = { accept: 'application/json', authorization: `Bearer ${clientSecret}` };

  /** Every call names what it is about, so that it is the same when it is made again. */
  const post = <T extends z.ZodType>(path: string, body: object, answer: T): Promise<z.infer<T>> => {
    const request: HttpRequest = {
      method: 'POST',
      path: base + path,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    return party.repeatable(request, answer);
  };

  /** Also keeps what is not an id of theirs out of the path. */
  const at = (gatewayPaymentId: string, part = ''): string => {
    if (!/^txn_[A-Za-z0-9]{1,40}$/.test(gatewayPaymentId))
      throw new GatewayError('refused', 'not a transaction of the lender');
    return `/v1/transactions/${gatewayPaymentId}${part}`;
  };

  return {
    name: 'pay-later',
    methods: methodsOf('pay-later'),
    settles: 'on-capture',
    health: () => party.health,

    async eligible({ customer, amount }) {
      const asked = { phone_number: customer.phone, amount_in_paise: amount };
      const answer = await post('/v1/eligibility', asked, eligibilityAnswer);
      if (!answer.eligible) return { eligible: false, reason: answer.reason ?? 'not-eligible' };
      return { eligible: true, limit: answer.available_credit_in_paise ?? paise(0) };
    },

    async open({ paymentId, amount, customer }) {
      if (customer === undefined) throw new GatewayError('refused', 'the lender asks for the customer’s phone');
      const asked = { order_id: paymentId, amount_in_paise: amount, phone_number: customer.phone };
      const { id, approval_url: paymentUrl } = await post('/v1/transactions', asked, transactionEntity);
      return { gatewayOrderId: id, paymentUrl };
    },

    async capture({ gatewayPaymentId, amount }) {
      await post(at(gatewayPaymentId, '/capture'), { amount_in_paise: amount }, transactionEntity);
    },

    async void({ gatewayPaymentId }) {
      await post(at(gatewayPaymentId, '/void'), {}, transactionEntity);
    },

    async refund({ refundId, gatewayPaymentId, amount }) {
      const asked = { refund_id: refundId, amount_in_paise: amount };
      const { id, status } = await post(at(gatewayPaymentId, '/refunds'), asked, refundEntity);
      return { gatewayRefundId: id, status: status === 'processed' ? 'processed' : 'requested' };
    },

    async readWebhook(rawBody, given) {
      if (!isSigned(rawBody, given[SIGNATURE_HEADER], webhookSecrets(), Date.now())) return undefined;
      return readNotice(rawBody);
    },

    async status({ paymentId, gatewayOrderId }) {
      const transaction = await party.repeatable(
        { method: 'GET', path: base + at(gatewayOrderId), headers },
        transactionEntity,
      );
      return transaction.order_id === paymentId ? noticesOf(paymentId, transaction) : [];
    },
  };
}
