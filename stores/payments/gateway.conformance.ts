/**
 * What every way to take money must do, whoever stands behind it. An adapter passes this suite before it is offered.
 * `given` makes a fresh party with nothing in it; the parts that a way does not have are left out.
 */
import { describe, expect, it } from 'vitest';
import { GatewayError, type GatewayNotice, type PaymentGateway } from '../../actors/checkout/ports.ts';
import { type OrderId, type Paise, type PaymentId, paise, type RefundId } from '../../actors/ids.ts';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { type Ability, abilitiesOf } from './abilities.ts';

export type SignedWebhook = {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
};

/** The outside party of a prepaid way, as a customer and a bank see it. */
export type Party = {
  /** Resolves when the party has taken it, or declined it. */
  pay(gatewayOrderId: string, outcome: 'success' | 'failure'): Promise<void>;
  /** Webhooks that have come so far. */
  webhooks(): readonly SignedWebhook[];
  /** What it holds of the payments of this order, in paise. */
  held(gatewayOrderId: string): Promise<{ captured: number; refunded: number }>;
  /** Its answer to our next request that changes anything never comes. What was asked, it has done. */
  loseNextAnswer(): Promise<void>;
  /** It answers nothing with sense from now on. */
  breakDown(): Promise<void>;
  /** From now on it tells nothing by itself. */
  fallSilent(): Promise<void>;
  /** A webhook as somebody would change it who has no secret; default: a byte of its body, and of each header. */
  forge?(webhook: SignedWebhook): readonly SignedWebhook[];
};

export type Given = AsyncDisposable & { readonly gateway: PaymentGateway; readonly party?: Party };

const id = (prefix: string, n: number): string => `${prefix}_${n.toString(16).padStart(32, '0')}`;
const amount = paise(149_900);
const customer = { name: 'Asha Rao', email: 'asha@example.com', phone: '9876543210' };

const forgeries = ({ body, headers }: SignedWebhook): readonly SignedWebhook[] => {
  const changed = Buffer.from(body);
  changed.writeUInt8((changed.at(-2) ?? 0) ^ 1, changed.length - 2);
  const others = Object.entries(headers).map(([header, value]) => [
    header,
    String(value).replace(/[0-9a-f]{2}$/, (last) => (last === '00' ? '01' : '00')),
  ]);
  return [
    { body: changed, headers },
    { body, headers: Object.fromEntries(others) },
  ];
};

export function paymentGatewayConformance(
  name: string,
  settles: PaymentGateway['settles'],
  abilities: readonly Ability[],
  given: () => Promise<Given>,
): void {
  const paymentId = id('pay', 1) as PaymentId;
  const orderId = id('ord', 1) as OrderId;
  const refundId = id('rfd', 1) as RefundId;

  describe(`${name} as a payment gateway`, () => {
    it('says who it is, and settles before or on delivery', async () => {
      await using it = await given();
      expect(it.gateway.name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(it.gateway.methods.length).toBeGreaterThan(0);
      expect(it.gateway.settles).toBe(settles);
      expect(abilitiesOf(it.gateway)).toEqual(abilities);
    });

    it('opens a payment, again as well, with a page to pay at if it is prepaid', async () => {
      await using it = await given();
      for (const method of it.gateway.methods) {
        const opened = await it.gateway.open({ paymentId, orderId, amount, method, customer });
        if (it.gateway.settles === 'on-delivery') expect(opened).toBeUndefined();
        else expect(URL.canParse(String(opened?.paymentUrl))).toBe(true);
      }
    });

    it('believes no webhook that is not signed', async () => {
      await using it = await given();
      for (const body of ['', '{}', '{"event":"payment.captured"}', '\u0000'])
        expect(await it.gateway.readWebhook(Buffer.from(body), {})).toBeUndefined();
    });

    it('refunds nothing that it has not taken, and does not ask to be asked again', async () => {
      await using it = await given();
      const refund = it.gateway.refund({ paymentId, refundId, gatewayPaymentId: 'pay_none', amount, reason: 'none' });
      const error = await refund.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GatewayError);
      expect(error).toMatchObject({ code: 'refused', retryable: false });
    });
  });

  if (settles === 'on-delivery') return;
  describe(`${name}, prepaid`, () => {
    const open = async ({ gateway, party }: Given) => {
      const [method] = gateway.methods;
      if (party === undefined || method === undefined) throw new Error(`${name} takes no prepaid payment`);
      const opened = await gateway.open({ paymentId, orderId, amount, method, customer });
      if (opened === undefined) throw new Error(`${name} opened nothing`);
      const notices = async (): Promise<readonly (GatewayNotice | undefined)[]> =>
        Promise.all(party.webhooks().map(({ body, headers }) => gateway.readWebhook(body, headers)));
      const seen = (type: GatewayNotice['type']) =>
        eventually(async () => (await notices()).find((notice) => notice?.type === type), { what: type });
      return { gateway, party, notices, seen, ...opened };
    };
    const authorised = async (from: Given) => {
      const shop = await open(from);
      await shop.party.pay(shop.gatewayOrderId, 'success');
      const notice = await shop.seen('authorised');
      if (notice.type !== 'authorised') throw new Error('not an authorisation');
      return { ...shop, gatewayPaymentId: notice.gatewayPaymentId, notice };
    };
    const captured = async (from: Given) => {
      let shop: Awaited<ReturnType<typeof open>>;
      if (settles === 'on-capture') {
        const held = await authorised(from);
        await held.gateway.capture?.({ paymentId, gatewayPaymentId: held.gatewayPaymentId, amount });
        shop = held;
      } else {
        shop = await open(from);
        await shop.party.pay(shop.gatewayOrderId, 'success');
      }
      const notice = await shop.seen('captured');
      if (notice.type !== 'captured') throw new Error('not a capture');
      return { ...shop, gatewayPaymentId: notice.gatewayPaymentId, notice };
    };
    const wanted = (gatewayPaymentId: string, part: Paise = amount, n = 1) => ({
      paymentId,
      refundId: id('rfd', n) as RefundId,
      gatewayPaymentId,
      amount: part,
      reason: 'cancelled',
    });

    it('tells of the capture: which payment, how much, when', async () => {
      await using it = await given();
      const { notice } = await captured(it);
      expect(notice).toMatchObject({ paymentId, amount });
      expect(Math.abs(notice.gatewayAt - Date.now())).toBeLessThan(60_000);
    });

    it('tells of a failed attempt, after which another may succeed', async () => {
      await using it = await given();
      const shop = await open(it);
      await shop.party.pay(shop.gatewayOrderId, 'failure');
      expect(await shop.seen('failed')).toMatchObject({ paymentId, code: expect.stringMatching(/./) });
      await shop.party.pay(shop.gatewayOrderId, 'success');
      await shop.seen(settles === 'on-capture' ? 'authorised' : 'captured');
    });

    it('refuses a webhook that was changed on the way, by one byte of its body or its signature', async () => {
      await using it = await given();
      const { gateway, party } = await captured(it);
      const [webhook] = party.webhooks();
      if (webhook === undefined) throw new Error('no webhook');
      for (const forged of (party.forge ?? forgeries)(webhook))
        expect(await gateway.readWebhook(forged.body, forged.headers)).toBeUndefined();
    });

    it('refunds once per refund id, asked in a row or at once, and never more than was taken', async () => {
      await using it = await given();
      const { gateway, party, gatewayOrderId, gatewayPaymentId, seen } = await captured(it);
      const part = paise(50_000);
      const asked = await Promise.all([1, 2, 3].map(() => gateway.refund(wanted(gatewayPaymentId, part))));
      asked.push(await gateway.refund(wanted(gatewayPaymentId, part)));
      expect(new Set(asked.map(({ gatewayRefundId }) => gatewayRefundId)).size).toBe(1);
      expect(await seen('refunded')).toMatchObject({ paymentId, refundId });
      expect(await party.held(gatewayOrderId)).toEqual({ captured: amount, refunded: part });
      await expect(gateway.refund(wanted(gatewayPaymentId, amount, 2))).rejects.toMatchObject({ retryable: false });
      await gateway.refund(wanted(gatewayPaymentId, paise(amount - part), 3));
      expect(await party.held(gatewayOrderId)).toEqual({ captured: amount, refunded: amount });
    });

    it('refunds once when the answer to the refund is lost', async () => {
      await using it = await given();
      const { gateway, party, gatewayOrderId, gatewayPaymentId } = await captured(it);
      await party.loseNextAnswer();
      await gateway.refund(wanted(gatewayPaymentId)).catch(() => undefined);
      await gateway.refund(wanted(gatewayPaymentId));
      expect(await party.held(gatewayOrderId)).toEqual({ captured: amount, refunded: amount });
    });

    it('says that it may be asked again when the party is out of order', async () => {
      await using it = await given();
      const { gateway, party } = await open(it);
      const [method = 'upi'] = gateway.methods;
      await party.breakDown();
      const error = await gateway
        .open({ paymentId, orderId, amount, method, customer })
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GatewayError);
      expect(error).toMatchObject({ retryable: true });
    });

    it('is found to be well, and to be unwell after some failures in a row', async () => {
      await using it = await given();
      const { gateway, party } = await open(it);
      const [method = 'upi'] = gateway.methods;
      expect(gateway.health?.()).toBe('closed');
      await party.breakDown();
      await eventually(async () => {
        await gateway.open({ paymentId, orderId, amount, method, customer }).catch(() => undefined);
        return gateway.health?.() === 'open';
      });
    });

    if (abilities.includes('status'))
      describe('asked for a payment of which no webhook comes', () => {
        const silent = async (from: Given) => {
          const shop = await open(from);
          await shop.party.fallSilent();
          const status = async () =>
            (await shop.gateway.status?.({ paymentId, gatewayOrderId: shop.gatewayOrderId })) ?? [];
          return { ...shop, status };
        };

        it('tells nothing before anything has happened, then each attempt', async () => {
          await using it = await given();
          const { party, gatewayOrderId, status, notices } = await silent(it);
          expect(await status()).toEqual([]);
          await party.pay(gatewayOrderId, 'failure');
          expect(await status()).toMatchObject([{ type: 'failed', paymentId, code: expect.stringMatching(/./) }]);
          await party.pay(gatewayOrderId, 'success');
          const type = settles === 'on-capture' ? 'authorised' : 'captured';
          expect((await status()).at(-1)).toMatchObject({ type, paymentId, amount });
          expect(await notices()).toEqual([]);
        });

        it('says of a capture and its refund what their webhooks say', async () => {
          await using it = await given();
          const { gateway, gatewayOrderId, gatewayPaymentId, notice, seen } = await captured(it);
          await gateway.refund(wanted(gatewayPaymentId, paise(50_000)));
          const refunded = await seen('refunded');
          const told = (await gateway.status?.({ paymentId, gatewayOrderId })) ?? [];
          expect(told.find(({ type }) => type === 'captured')).toEqual({ ...notice, gatewayAt: expect.any(Number) });
          expect(told.at(-1)).toEqual(refunded);
        });

        it('says that it may be asked again when the party is out of order', async () => {
          await using it = await given();
          const { party, status } = await silent(it);
          await party.breakDown();
          await expect(status()).rejects.toMatchObject({ name: 'GatewayError', retryable: true });
        });
      });

    if (abilities.includes('capture'))
      describe('that captures on delivery', () => {
        const refused = { name: 'GatewayError', code: 'refused', retryable: false };
        const take = (shop: Awaited<ReturnType<typeof authorised>>, part: Paise = amount) =>
          shop.gateway.capture?.({ paymentId, gatewayPaymentId: shop.gatewayPaymentId, amount: part });
        const letGo = (shop: Awaited<ReturnType<typeof authorised>>) =>
          shop.gateway.void?.({ paymentId, gatewayPaymentId: shop.gatewayPaymentId });

        it('tells of the authorisation, of which nothing is taken yet', async () => {
          await using it = await given();
          const shop = await authorised(it);
          expect(shop.notice).toMatchObject({ paymentId, amount });
          expect(shop.notice.expiresAt).toBeGreaterThan(shop.notice.gatewayAt);
          expect(await shop.party.held(shop.gatewayOrderId)).toEqual({ captured: 0, refunded: 0 });
          await expect(shop.gateway.refund(wanted(shop.gatewayPaymentId))).rejects.toMatchObject(refused);
        });

        it('captures once, asked in a row or at once, and when the answer is lost', async () => {
          await using it = await given();
          const shop = await authorised(it);
          await shop.party.loseNextAnswer();
          await take(shop)?.catch(() => undefined);
          await Promise.all([take(shop), take(shop), take(shop)]);
          expect(await shop.party.held(shop.gatewayOrderId)).toEqual({ captured: amount, refunded: 0 });
          expect(await shop.seen('captured')).toMatchObject({ paymentId, amount });
        });

        it('captures a part, never more, never again, and refunds no more than that', async () => {
          await using it = await given();
          const shop = await authorised(it);
          await expect(take(shop, paise(amount + 1))).rejects.toMatchObject(refused);
          await take(shop, paise(100_000));
          await expect(take(shop)).rejects.toMatchObject(refused);
          await expect(take(shop, paise(49_900))).rejects.toMatchObject(refused);
          await expect(shop.gateway.refund(wanted(shop.gatewayPaymentId))).rejects.toMatchObject(refused);
          expect(await shop.party.held(shop.gatewayOrderId)).toEqual({ captured: 100_000, refunded: 0 });
        });

        it('voids once what is not delivered; then nothing is captured', async () => {
          await using it = await given();
          const shop = await authorised(it);
          await shop.party.loseNextAnswer();
          await letGo(shop)?.catch(() => undefined);
          await Promise.all([letGo(shop), letGo(shop)]);
          expect(await shop.seen('voided')).toMatchObject({ paymentId });
          await expect(take(shop)).rejects.toMatchObject(refused);
          expect(await shop.party.held(shop.gatewayOrderId)).toEqual({ captured: 0, refunded: 0 });
        });

        it('either captures or voids, whoever comes first', async () => {
          await using it = await given();
          const shop = await authorised(it);
          const ended = await Promise.allSettled([take(shop), letGo(shop)]);
          expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
          const { captured: taken } = await shop.party.held(shop.gatewayOrderId);
          expect(taken).toBe(ended[0].status === 'fulfilled' ? amount : 0);
          if (taken > 0) await expect(letGo(shop)).rejects.toMatchObject(refused);
        });

        it('captures nothing that it does not know', async () => {
          await using it = await given();
          for (const gatewayPaymentId of ['pay_none', 'txn_none', '../refunds', ''])
            await expect(it.gateway.capture?.({ paymentId, gatewayPaymentId, amount })).rejects.toMatchObject(refused);
        });
      });
  });
}
