/**
 * Cash, taken at the door: nothing is opened outside and nobody sends notices. Cash that was collected is given back
 * by hand, outside this system: it needs the customer's bank account, which no gateway here knows.
 */
import { GatewayError, type PaymentGateway } from '../../actors/checkout/ports.ts';
import { methodsOf } from './routing.ts';

export const cashOnDelivery: PaymentGateway = {
  name: 'cod',
  methods: methodsOf('cod'),
  settles: 'on-delivery',
  open: async () => undefined,
  refund: async ({ refundId }) => {
    throw new GatewayError('refused', `${refundId}: collected cash is refunded by hand`);
  },
  readWebhook: async () => undefined,
};
