/** Razorpay behind the port: one Razorpay order per payment, its receipt our payment id. */
import type { GatewayOrder, PaymentGateway } from '../../actors/checkout/ports.ts';
import { RazorpayClient, type RazorpayClientSettings, RazorpayRefusal } from './razorpay/client.ts';
import { collectionOf, type OrderEntity, orderEntity, refundEntity } from './razorpay/entities.ts';
import { noticesOf } from './razorpay/notices.ts';
import { isSigned, readNotice } from './razorpay/webhook.ts';
import { methodsOf } from './routing.ts';
import type { Secrets } from './secrets.ts';

export type RazorpaySettings = RazorpayClientSettings & {
  /** Any of them makes a webhook good: the old and the new one while it is being changed. */
  readonly webhookSecrets: Secrets | readonly string[];
  /** Where the customer pays: our page that leads to the hosted checkout, or the simulator's. */
  readonly paymentUrlOf: (gatewayOrderId: string) => string;
};

const orders = collectionOf(orderEntity);
const refunds = collectionOf(refundEntity);
/** Razorpay's largest page; a payment with more refunds than that is not ours. */
const PAGE = 100;
/** Characters in a note. */
const MAX_NOTE = 256;
/** In minutes: the longest that may be asked for. Later than that Razorpay gives an authorized payment back itself. */
const CAPTURE_WITHIN = 7_200;

export function createRazorpay(settings: RazorpaySettings): PaymentGateway {
  const { webhookSecrets: given, paymentUrlOf } = settings;
  const webhookSecrets = typeof given === 'function' ? given : () => given;
  const client = new RazorpayClient(settings);

  const offer = ({ id }: OrderEntity): GatewayOrder => ({ gatewayOrderId: id, paymentUrl: paymentUrlOf(id) });

  /** The order that an attempt without an answer may have made. */
  const orderByReceipt = async (receipt: string, amount: number): Promise<OrderEntity | undefined> => {
    const found = await client.once(orders, (sdk) => sdk.orders.all({ receipt }));
    return found.items.find((order) => order.receipt === receipt && order.amount === amount);
  };

  const orderOf = async (id: string): Promise<OrderEntity | undefined> => {
    if (!/^order_[A-Za-z0-9]{1,40}$/.test(id)) return undefined;
    try {
      return await client.repeatable(orderEntity, (sdk) => sdk.orders.fetch(id));
    } catch (error) {
      if (error instanceof RazorpayRefusal) return undefined;
      throw error;
    }
  };

  return {
    name: 'razorpay',
    methods: methodsOf('razorpay'),
    settles: 'prepaid',
    health: () => client.health,

    /**
     * A repeat may make a second Razorpay order for the same payment. That is harmless: the customer is shown one of
     * them, and money for either names the same payment.
     */
    async open({ paymentId, orderId, amount }) {
      const create = () =>
        client.post(orderEntity, '/v1/orders', {
          amount,
          currency: 'INR',
          receipt: paymentId,
          notes: { orderId, paymentId },
          // All that is paid is captured, late too: whether it is still wanted is for the order to say.
          payment: {
            capture: 'automatic',
            capture_options: {
              automatic_expiry_period: CAPTURE_WITHIN,
              manual_expiry_period: CAPTURE_WITHIN,
              refund_speed: 'normal',
            },
          },
        });
      return client.retried(async (before) => {
        const made = before === 0 ? undefined : await orderByReceipt(paymentId, amount);
        if (made !== undefined) return offer(made);
        try {
          return offer(await create());
        } catch (error) {
          // Accounts may be set to refuse a receipt that they have seen.
          if (!(error instanceof RazorpayRefusal && error.field === 'receipt')) throw error;
          const earlier = await orderByReceipt(paymentId, amount);
          if (earlier === undefined) throw error;
          return offer(earlier);
        }
      });
    },

    /**
     * Once per refund id: by what the payment's refunds say, and against a repeat at the same moment by an idempotency
     * key. One that has failed at the bank may be tried again; that is another refund to Razorpay.
     */
    async refund({ paymentId, refundId, gatewayPaymentId, amount, reason }) {
      const made = await client.repeatable(refunds, (sdk) =>
        sdk.payments.fetchMultipleRefund(gatewayPaymentId, { count: PAGE }),
      );
      const ours = made.items.filter(({ notes }) => notes['refundId'] === refundId);
      const attempt = `${refundId}-${ours.length}`;
      const refund =
        ours.find(({ status }) => status !== 'failed') ??
        (await client.repeatable(refundEntity, (sdk) =>
          sdk.payments.refund(gatewayPaymentId, {
            amount,
            speed: 'normal',
            notes: { refundId, paymentId, attempt, reason: reason.slice(0, MAX_NOTE) },
          }),
        ));
      // `failed` comes as a webhook too, which has the last word.
      return { gatewayRefundId: refund.id, status: refund.status === 'processed' ? 'processed' : 'requested' };
    },

    async readWebhook(rawBody, headers) {
      return isSigned(rawBody, headers, webhookSecrets()) ? readNotice(rawBody, orderOf) : undefined;
    },

    /** Of all orders that a lost answer may have made for it. */
    async status({ paymentId, gatewayOrderId }) {
      const made = await client.repeatable(orders, (sdk) => sdk.orders.all({ receipt: paymentId }));
      const ids = new Set([
        gatewayOrderId,
        ...made.items.flatMap(({ id, receipt }) => (receipt === paymentId ? id : [])),
      ]);
      const told = await Promise.all([...ids].map((id) => noticesOf(paymentId, id, client)));
      return told.flat();
    },
  };
}
