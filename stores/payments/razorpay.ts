/** Razorpay: UPI, cards and netbanking, on its hosted page. */
import type { GatewayOrder, PaymentGateway } from '../../actors/checkout/ports.ts';
import { createRazorpayApi, type RazorpayApiSettings } from './razorpay-api.ts';
import { isSigned, parseWebhook, readNotice } from './razorpay-webhook.ts';

export type RazorpaySettings = RazorpayApiSettings & {
  /** More than one while a secret is being replaced. */
  readonly webhookSecrets: readonly string[];
  /** Where the customer pays: our page that leads to the hosted checkout, or the simulator's. */
  readonly paymentUrlOf: (gatewayOrderId: string) => string;
};

export function createRazorpay(settings: RazorpaySettings): PaymentGateway {
  const api = createRazorpayApi(settings);
  return {
    name: 'razorpay',
    methods: ['upi', 'card', 'netbanking'],
    settles: 'prepaid',

    /** A repeat makes another order at Razorpay; only the one that is recorded first is ever shown to anybody. */
    async open({ paymentId, orderId, amount }): Promise<GatewayOrder> {
      const order = await api.createOrder({ amount, receipt: paymentId, notes: { orderId, paymentId } });
      return { gatewayOrderId: order.id, paymentUrl: settings.paymentUrlOf(order.id) };
    },

    /** Razorpay has no key for this call that makes it once, so the refunds made already are looked through first. */
    async refund({ paymentId, refundId, gatewayPaymentId, amount, reason }) {
      const { items } = await api.refundsOf(gatewayPaymentId);
      const earlier = items.find(({ notes, status }) => notes.refundId === refundId && status !== 'failed');
      const made =
        earlier ??
        (await api.refund(gatewayPaymentId, { amount, notes: { refundId, paymentId, reason: reason.slice(0, 250) } }));
      return { gatewayRefundId: made.id, status: made.status === 'processed' ? 'processed' : 'requested' };
    },

    async readWebhook(rawBody, headers) {
      if (!isSigned(rawBody, headers['x-razorpay-signature'], settings.webhookSecrets)) return undefined;
      return readNotice(parseWebhook(rawBody), api);
    },
  };
}
