import { openCounters } from '../../gateway/simulator/testing/counters.ts';
import { openTill } from '../../gateway/simulator/testing/till.ts';
import { cashOnDelivery } from './cash-on-delivery.ts';
import { type Given, paymentGatewayConformance } from './gateway.conformance.ts';

paymentGatewayConformance('cash on delivery', 'on-delivery', [], async () => ({
  gateway: cashOnDelivery,
  [Symbol.asyncDispose]: async () => undefined,
}));

for (const success of ['order.paid', 'payment.captured'] as const) {
  paymentGatewayConformance(`Razorpay by ${success}`, 'prepaid', ['status'], async (): Promise<Given> => {
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
        fallSilent: async () => void (await till.set({ webhooks: { missNext: 1_000 } })),
      },
      [Symbol.asyncDispose]: () => till[Symbol.asyncDispose](),
    };
  });
}

for (const format of ['form', 'json'] as const) {
  paymentGatewayConformance(`PayU with webhooks as ${format}`, 'prepaid', ['status'], async (): Promise<Given> => {
    const counters = await openCounters();
    await counters.set('payu', { webhooks: { format } });
    const changed = (body: Buffer, change: (text: string) => string): Buffer => Buffer.from(change(body.toString()));
    const urls = new Map<string, string>();
    return {
      gateway: {
        ...counters.payu,
        async open(payment) {
          const opened = await counters.payu.open(payment);
          if (opened !== undefined) urls.set(opened.gatewayOrderId, opened.paymentUrl);
          return opened;
        },
      },
      party: {
        pay: async (gatewayOrderId, outcome) =>
          void (await counters.payAtPayu(urls.get(gatewayOrderId) ?? '', outcome)),
        webhooks: () => counters.came.payu,
        async held(gatewayOrderId) {
          const found = (await counters.payuLedger()).find(({ txnid }) => txnid === gatewayOrderId);
          return { captured: found?.captured ?? 0, refunded: found?.refunded ?? 0 };
        },
        loseNextAnswer: () => counters.set('payu', { api: { loseNext: 1 } }),
        breakDown: () => counters.set('payu', { api: { failNext: 1_000 } }),
        fallSilent: () => counters.set('payu', { webhooks: { missNext: 1_000 } }),
        // The signature is a field of the body, and stands for what decides.
        forge: ({ body, headers }) =>
          [
            changed(body, (text) => text.replace('1499.00', '9499.00')),
            changed(body, (text) => text.replace(/(hash\W+)../, '$1zz')),
            changed(body, (text) =>
              text.replace(/(hash\W+)(..)/, (_, before, two) => before + (two === '00' ? '01' : '00')),
            ),
            changed(body, (text) => text.replace('success', 'failure')),
            changed(body, (text) => text.replace('gtKFFx', 'gtKFFy')),
            changed(body, (text) => text.replace('Asha', 'Ash|a')),
          ].map((forged) => ({ body: forged, headers })),
      },
      [Symbol.asyncDispose]: () => counters[Symbol.asyncDispose](),
    };
  });
}

const ALL = ['eligible', 'capture', 'void', 'status'] as const;
paymentGatewayConformance('Pay later', 'on-capture', ALL, async (): Promise<Given> => {
  const counters = await openCounters();
  return {
    gateway: counters.payLater,
    party: {
      pay: async (gatewayOrderId, outcome) => void (await counters.decide(gatewayOrderId, outcome)),
      webhooks: () => counters.came['pay-later'],
      async held(gatewayOrderId) {
        const found = (await counters.lenderLedger()).find(({ id }) => id === gatewayOrderId);
        return { captured: found?.captured ?? 0, refunded: found?.refunded ?? 0 };
      },
      loseNextAnswer: () => counters.set('pay-later', { api: { loseNext: 1 } }),
      breakDown: () => counters.set('pay-later', { api: { failNext: 1_000 } }),
      fallSilent: () => counters.set('pay-later', { webhooks: { missNext: 1_000 } }),
    },
    [Symbol.asyncDispose]: () => counters[Symbol.asyncDispose](),
  };
});
