/** PayU behind the port: netbanking on PayU's own pages; one PayU transaction id per payment, made from our payment id. */
import { GatewayError, type PaymentGateway } from '../../../actors/checkout/ports.ts';
import { methodsOf } from '../routing.ts';
import { type Action, isDoneRefund, isFailedRefund } from './answers.ts';
import { PayuClient, type PayuClientSettings } from './client.ts';
import { noticeOfRefund, noticeOfTransaction } from './notices.ts';
import { offerOf, type PayuForm, type PayuOffer } from './payment-page.ts';
import { rupeesOf } from './rupees.ts';
import { refundIdOf, shortOf, tokenOf } from './short-ids.ts';
import { readMessage } from './webhook.ts';

export type PayuSettings = PayuClientSettings &
  PayuForm & {
    /** Our page that leads to PayU's. */
    readonly paymentUrlOf: (offer: PayuOffer) => string;
  };

export function createPayu(settings: PayuSettings): PaymentGateway {
  const { key, salts, paymentUrlOf, returnUrl, firstname, email, phone, ...options } = settings;
  const form: PayuForm = { key, returnUrl, firstname, email, phone };
  const client = new PayuClient({ key, salts, ...options });

  const answerOf = (action: Action) =>
    ({ gatewayRefundId: action.request_id, status: isDoneRefund(action) ? 'processed' : 'requested' }) as const;

  return {
    name: 'payu',
    methods: methodsOf('payu'),
    settles: 'prepaid',
    health: () => client.health,

    /**
     * Nothing is made at PayU before the customer arrives there. It is asked all the same: a PayU that does not answer is
     * found out now, while another gateway can be chosen, and not by the customer.
     */
    async open({ paymentId, amount, customer }) {
      const txnid = shortOf(paymentId);
      await client.verify(txnid);
      const offer = offerOf(form, txnid, rupeesOf(amount), salts()[0], customer);
      return { gatewayOrderId: txnid, paymentUrl: paymentUrlOf(offer) };
    },

    /** Once per refund id: by what PayU has of it, and against a repeat at the same moment by the token, taken once. */
    async refund({ refundId, gatewayPaymentId, amount }) {
      if (!/^\d{1,25}$/.test(gatewayPaymentId)) throw new GatewayError('refused', 'not a payment of PayU');
      const made = refundsIn(await client.actionsOf(gatewayPaymentId), refundId);
      const standing = made.find((action) => !isFailedRefund(action));
      if (standing !== undefined) return answerOf(standing);
      const answer = await client.refund(gatewayPaymentId, tokenOf(refundId, made.length), rupeesOf(amount));
      if (Number(answer.status) === 1 && answer.request_id !== '')
        return { gatewayRefundId: answer.request_id, status: 'requested' };
      // The token may have been taken by another try at the same moment.
      const all = await client.actionsOf(gatewayPaymentId);
      const other = refundsIn(all, refundId).find((action) => !isFailedRefund(action));
      if (other !== undefined) return answerOf(other);
      const said = `PayU refuses the refund (${answer.error_code || 'no code'}: ${answer.msg})`;
      // Two of the same amount within five minutes are refused, in words that are not documented: later it is taken.
      const twin = all.some((action) => isStandingRefund(action) && action.amt === amount);
      throw new GatewayError(twin && amount <= leftOf(all) ? 'unavailable' : 'refused', said);
    },

    readWebhook: async (rawBody) => readMessage(rawBody, { key, salts: salts(), client }),

    async status({ paymentId, gatewayOrderId }) {
      const transaction = await client.verify(gatewayOrderId);
      const notice = transaction && noticeOfTransaction(paymentId, transaction);
      if (notice === undefined) return [];
      if (notice.type !== 'captured') return [notice];
      const refunds = await client.actionsOf(notice.gatewayPaymentId);
      return [notice, ...refunds.flatMap((action) => noticeOfRefund(paymentId, action) ?? [])];
    },
  };
}

const refundsIn = (actions: readonly Action[], refundId: string): readonly Action[] =>
  actions.filter(({ action, token }) => action === 'refund' && refundIdOf(token) === refundId);

const isStandingRefund = (action: Action): boolean => action.action === 'refund' && !isFailedRefund(action);

/** Of what was captured, not given back and not on its way. */
const leftOf = (actions: readonly Action[]): number =>
  actions.reduce(
    (left, action) => left + (action.action === 'capture' ? action.amt : isStandingRefund(action) ? -action.amt : 0),
    0,
  );
