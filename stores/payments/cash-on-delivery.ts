/** Cash on delivery: confirmed at once, collected at the door. There is no outside party until then. */
import { GatewayError, type PaymentGateway } from '../../actors/checkout/ports.ts';

export const cashOnDelivery: PaymentGateway = {
  name: 'cod',
  methods: ['cod'],
  settles: 'on-delivery',
  open: async () => undefined,
  /** Cash that was collected is paid back outside this system, by bank transfer: it needs the customer's account. */
  refund: async ({ refundId }) => {
    throw new GatewayError('refused', `${refundId}: collected cash is refunded by hand`);
  },
  readWebhook: async () => undefined,
};
