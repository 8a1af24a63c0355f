import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError, type GatewayHealth, type PaymentGateway } from '../../../actors/checkout/ports.ts';
import { type OrderId, type PaymentId, paise } from '../../../actors/ids.ts';
import type { PaymentMethod } from '../../../actors/order/order.ts';
import { DECLARED_GATEWAYS } from './declared.ts';
import { gatewayMeant } from './meant.ts';
import { openPayment } from './open-payment.ts';
import { costOf, type DeclaredGateway, rank } from './rank.ts';

const declared: readonly DeclaredGateway[] = [
  {
    name: 'share',
    charges: { netbanking: { basisPoints: 236, flat: paise(0) }, card: { basisPoints: 200, flat: paise(0) } },
  },
  { name: 'flat', charges: { netbanking: { basisPoints: 0, flat: paise(2_124) } }, most: paise(10_000_000) },
];
const well = (): GatewayHealth => 'closed';
const names = (
  amount: number,
  healthOf = well as (name: string) => GatewayHealth,
  method: PaymentMethod = 'netbanking',
) => rank({ method, amount: paise(amount) }, declared, healthOf).map(({ gateway }) => gateway);

describe('the order in which gateways are tried', () => {
  it('is by cost, of those that take the method and the amount', () => {
    expect(names(10_000)).toEqual(['share', 'flat']);
    expect(names(1_000_000)).toEqual(['flat', 'share']);
    expect(names(10_000_001)).toEqual(['share']);
    expect(names(1_000_000, well, 'card')).toEqual(['share']);
    expect(names(1_000_000, well, 'cod')).toEqual([]);
  });

  it('puts last what does not answer, and tries what is due for it', () => {
    expect(names(1_000_000, (name) => (name === 'flat' ? 'open' : 'closed'))).toEqual(['share', 'flat']);
    expect(names(1_000_000, (name) => (name === 'flat' ? 'half-open' : 'closed'))).toEqual(['flat', 'share']);
    expect(names(1_000_000, () => 'open')).toEqual(['flat', 'share']);
  });

  it('rounds what a gateway takes up to the paisa', () => {
    expect(costOf({ basisPoints: 236, flat: paise(0) }, paise(100))).toBe(3);
    expect(costOf({ basisPoints: 236, flat: paise(7) }, paise(10_000))).toBe(243);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 1e12 }), (basisPoints, amount) => {
        const over =
          BigInt(costOf({ basisPoints, flat: paise(0) }, paise(amount))) * 10_000n -
          BigInt(amount) * BigInt(basisPoints);
        expect(over >= 0n && over < 10_000n).toBe(true);
      }),
    );
  });

  it('offers every method but the wallet', () => {
    for (const method of ['upi', 'card', 'netbanking', 'paylater', 'cod'] as const)
      expect(rank({ method, amount: paise(100_000) }, DECLARED_GATEWAYS, well)).not.toEqual([]);
    expect(
      rank({ method: 'netbanking', amount: paise(100_000) }, DECLARED_GATEWAYS, well).map(({ gateway }) => gateway),
    ).toEqual(['payu', 'razorpay']);
  });
});

describe('opening', () => {
  const payment = {
    paymentId: 'pay_1' as PaymentId,
    orderId: 'ord_1' as OrderId,
    amount: paise(1_000_000),
    method: 'netbanking' as const,
  };
  const gateway = (name: string, open: PaymentGateway['open'], health: GatewayHealth = 'closed'): PaymentGateway => ({
    name,
    methods: ['netbanking'],
    settles: 'prepaid',
    health: () => health,
    open,
    refund: async () => ({ gatewayRefundId: 'r', status: 'processed' }),
    readWebhook: async () => undefined,
  });
  const order = { gatewayOrderId: 'o', paymentUrl: 'https://pay.example/o' };
  const failing = (code: GatewayError['code']) => async () => {
    throw new GatewayError(code, `it is ${code}`);
  };

  it('goes on to the next gateway, and tells each try', async () => {
    for (const code of ['timeout', 'unavailable', 'refused', 'invalid-answer'] as const) {
      const gateways = [gateway('share', async () => order), gateway('flat', failing(code))];
      expect(await openPayment(payment, { declared, gateways, withinMs: 1_000 })).toEqual({
        taken: { gateway: 'share', order },
        tries: [
          {
            gateway: 'flat',
            cost: 2_124,
            tookMs: expect.any(Number),
            ended: code,
            message: `it is ${code}`,
            retryable: code !== 'refused',
          },
          { gateway: 'share', cost: 23_600, tookMs: expect.any(Number), ended: 'opened' },
        ],
      });
    }
  });

  it('asks one gateway when it takes it, and none that is not there or does not offer the method', async () => {
    let asked = 0;
    const share = gateway('share', async () => {
      asked += 1;
      return order;
    });
    const { tries } = await openPayment(payment, {
      declared,
      gateways: [share, gateway('flat', async () => order)],
      withinMs: 1_000,
    });
    expect(tries).toMatchObject([{ gateway: 'flat', ended: 'opened' }]);
    expect(asked).toBe(0);
    expect((await openPayment(payment, { declared, gateways: [share], withinMs: 1_000 })).tries).toMatchObject([
      { gateway: 'share' },
    ]);
    const other = { ...share, methods: ['card'] as const };
    expect(await openPayment(payment, { declared, gateways: [other], withinMs: 1_000 })).toEqual({
      taken: undefined,
      tries: [],
    });
  });

  it('ends with its time, and tells that a gateway was left out', async () => {
    let now = 0;
    const slow = async () => {
      now += 600;
      throw new GatewayError('timeout', 'too slow');
    };
    const gateways = [gateway('share', async () => order), gateway('flat', slow)];
    const opened = await openPayment(payment, { declared, gateways, withinMs: 500, clock: () => now });
    expect(opened).toMatchObject({
      taken: undefined,
      tries: [
        { gateway: 'flat', tookMs: 600 },
        { gateway: 'share', ended: 'no-time' },
      ],
    });
  });

  it('hides no fault of ours behind another gateway', async () => {
    const broken = gateway('flat', async () => {
      throw new TypeError('ours');
    });
    const gateways = [gateway('share', async () => order), broken];
    await expect(openPayment(payment, { declared, gateways, withinMs: 1_000 })).rejects.toThrow(TypeError);
  });
});

describe('the gateway that a payment is meant for', () => {
  const gateway = (name: string, methods: readonly PaymentMethod[]): PaymentGateway => ({
    name,
    methods,
    settles: 'prepaid',
    open: async () => undefined,
    refund: async () => ({ gatewayRefundId: 'r', status: 'processed' }),
    readWebhook: async () => undefined,
  });
  const gateways = [gateway('razorpay', ['upi', 'netbanking']), gateway('pay-later', ['paylater'])];
  const meant = (method: PaymentMethod, amount: number) =>
    gatewayMeant(gateways, { method, amount: paise(amount) })?.name;

  it('is the first that would be asked, of those that are there', () => {
    expect(meant('upi', 100)).toBe('razorpay');
    expect(meant('netbanking', 1_000_000)).toBe('razorpay');
    expect(meant('cod', 1_000)).toBeUndefined();
  });

  it('is none for an amount that nobody takes', () => {
    expect(meant('paylater', 2_500_000)).toBe('pay-later');
    expect(meant('paylater', 2_500_001)).toBeUndefined();
    expect(meant('upi', 99)).toBeUndefined();
  });
});
