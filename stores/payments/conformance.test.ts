import { openTill } from '../../gateway/simulator/testing/till.ts';
import { cashOnDelivery } from './cash-on-delivery.ts';
import { type Given, paymentGatewayConformance } from './gateway.conformance.ts';

paymentGatewayConformance('cash on delivery', 'on-delivery', async () => ({
  gateway: cashOnDelivery,
  [Symbol.asyncDispose]: async () => undefined,
}));

for (const success of ['order.paid', 'payment.captured'] as const) {
  paymentGatewayConformance(`Razorpay by ${success}`, 'prepaid', async (): Promise<Given> => {
    const till = await openTill({ retryWithinMs: 2_000 });
    await till.set({ webhooks: { success: [success] } });
    return {
      gateway: till.razorpay,
      party: {
        pay: async (gatewayOrderId, outcome) => void (await till.pay(gatewayOrderId, outcome)),
        webhooks: () => till.deliveries.map(({ body, headers }) => ({ body: Buffer.from(body), headers })),
        async held(gatewayOrderId) {
          const { orders } = await till.ledger();
          const { captured = 0, refunded = 0 } = orders.find((order) => order.gatewayOrderId === gatewayOrderId) ?? {};
          return { captured, refunded };
        },
        loseNextAnswer: async () => void (await till.set({ api: { loseNext: 1 } })),
        breakDown: async () => void (await till.set({ api: { failNext: 1_000 } })),
      },
      [Symbol.asyncDispose]: () => till[Symbol.asyncDispose](),
    };
  });
}
