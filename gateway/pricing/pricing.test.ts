/** Prices through HTTP: the cart says what the order will cost, and the order costs that. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Paise, PromotionId } from '../../actors/ids.ts';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { type Person, type TestGateway, testGateway } from '../testing/test-gateway.ts';

let gateway: TestGateway;
let ops: Person;
beforeAll(async () => {
  gateway = await testGateway();
  ops = await gateway.person('ops');
});
afterAll(() => gateway[Symbol.asyncDispose]());

let count = 0;
const next = (word: string): string => `${word}${Date.now().toString(36).toUpperCase()}${++count}`;
const TENTH = { type: 'percent', basisPoints: 1_000 };

async function coupon(more: object = {}): Promise<string> {
  const code = next('C');
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const payload = { title: 'Off', code, benefit: TENTH, endsAt, ...more };
  const made = await gateway.send({ method: 'POST', url: '/api/promotions', payload, as: ops });
  if (made.statusCode !== 201) throw new Error(made.body);
  return code;
}
const enter = (as: Person, code: string) =>
  gateway.send({ method: 'POST', url: '/api/cart/coupon', payload: { code }, as });
const cartOf = async (as: Person, query = '') => (await gateway.send({ url: `/api/cart${query}`, as })).json();
const order = (as: Person, addressId: string, more: object = {}, method = 'upi') =>
  gateway.send({
    ...{ method: 'POST', url: '/api/orders', as, key: next('key-') },
    payload: { addressId, payment: { method }, ...more },
  });
const orderOf = async (as: Person, id: string) => (await gateway.send({ url: `/api/orders/${id}`, as })).json();
const usage = async (code: string) => (await gateway.live.actors.quota.read(`prm_${code}` as PromotionId)).view;
const sells = (rupees: number) => gateway.sell(50, { unitPrice: (rupees * 100) as Paise });
const said = ({ statusCode, json }: { statusCode: number; json: () => { code: string } }) => [statusCode, json().code];

type Line = { readonly discount: number; readonly total: number };

describe('a coupon', () => {
  it('is entered, counts in the cart, and the order comes to what the cart said', async () => {
    const asha = await gateway.person();
    const { addressId } = await gateway.buy(asha, await sells(633), 1);
    await gateway.buy(asha, await sells(99), 2);
    const code = await coupon({ limits: { uses: 5 }, cap: 4_999 });
    const entered = await enter(asha, code.toLowerCase());
    expect(entered.json()).toMatchObject({
      coupon: { code, discount: 4_999, problem: null },
      offers: [{ code, discount: 4_999 }],
      totals: { items: 831_00, discount: 4_999 },
    });
    const cart = await cartOf(asha);
    expect(cart.items.reduce((sum: number, { discount }: Line) => sum + discount, 0)).toBe(4_999);

    const placed = await order(asha, addressId, { total: cart.totals.total });
    expect(placed.statusCode).toBe(201);
    const bought = placed.json();
    expect(bought.totals).toEqual(cart.totals);
    expect(bought.offers).toMatchObject([{ code, discount: 4_999 }]);
    const lines = bought.items.reduce((sum: number, { total }: Line) => sum + total, 0);
    expect(lines + bought.totals.shipping).toBe(bought.totals.total);
    expect(bought.items[0].tax).toMatchObject({ rate: 1_800, levy: 'sgst' });
    // It went into the order.
    await eventually(async () => (await cartOf(asha)).items.length === 0);
    expect((await cartOf(asha)).coupon).toBeNull();
    expect(await usage(code)).toMatchObject({ held: 1, confirmed: 0, spent: 4_999 });
  });

  it('is refused with the reason, and leaves the cart as it was', async () => {
    const asha = await gateway.person();
    await gateway.buy(asha, await sells(100), 1);
    expect(said(await enter(asha, 'NOSUCH'))).toEqual([422, 'unknown-coupon']);
    const dear = await enter(asha, await coupon({ minimum: 150_00 }));
    expect([...said(dear), dear.json().missing]).toEqual([422, 'below-minimum', 50_00]);
    const otherBrand = await coupon({ scope: { brands: ['Tarang'] } });
    expect(said(await enter(asha, otherBrand))).toEqual([422, 'no-eligible-items']);
    const startsAt = new Date(Date.now() + 1_800_000).toISOString();
    expect(said(await enter(asha, await coupon({ startsAt })))).toEqual([422, 'offer-not-started']);
    const paused = await coupon();
    await gateway.send({ method: 'POST', url: `/api/promotions/prm_${paused}/pause`, as: ops });
    expect(said(await enter(asha, paused))).toEqual([422, 'offer-paused']);
    expect((await gateway.send({ method: 'POST', url: '/api/cart/coupon', payload: {}, as: asha })).statusCode).toBe(
      400,
    );
    expect((await cartOf(asha)).coupon).toBeNull();
  });

  it('is taken out, and told of when it counts no more', async () => {
    const asha = await gateway.person();
    const [tea, cup] = [await sells(100), await sells(60)];
    await gateway.buy(asha, tea, 1);
    const { addressId } = await gateway.buy(asha, cup, 1);
    const code = await coupon({ minimum: 150_00 });
    expect((await enter(asha, code)).json().coupon).toMatchObject({ discount: 16_00 });
    const without = await gateway.send({ method: 'DELETE', url: `/api/cart/items/${cup}`, as: asha });
    expect(without.json().coupon).toEqual({ code, discount: 0, problem: 'below-minimum', missing: 50_00 });
    // Nobody pays more than they think: the coupon has to go first.
    expect(said(await order(asha, addressId))).toEqual([422, 'below-minimum']);
    const taken = await gateway.send({ method: 'DELETE', url: '/api/cart/coupon', as: asha });
    expect(taken.json()).toMatchObject({ coupon: null, totals: { discount: 0 } });
    expect((await order(asha, addressId)).statusCode).toBe(201);
  });

  it('of a way to pay counts when it is paid so', async () => {
    const asha = await gateway.person();
    const { addressId } = await gateway.buy(asha, await sells(1_000), 1);
    const code = await coupon({ payment: { methods: ['card'] } });
    expect((await enter(asha, code)).json().coupon).toMatchObject({
      discount: 0,
      problem: 'payment-method-not-eligible',
    });
    expect((await cartOf(asha, '?method=card')).totals).toMatchObject({ discount: 100_00, total: 900_00 });
    expect(said(await order(asha, addressId))).toEqual([422, 'payment-method-not-eligible']);
    const byCard = (await order(asha, addressId, {}, 'card')).json();
    expect(byCard.totals.total).toBe(900_00);
    // Another try in another way would have the discount for nothing.
    const retry = { method: 'POST', url: `/api/orders/${byCard.id}/payments`, as: asha, key: next('key-') } as const;
    expect(said(await gateway.send({ ...retry, payload: { method: 'upi' } }))).toEqual([
      422,
      'payment-method-not-eligible',
    ]);
  });

  it('with one use is used once, comes back when the order is cancelled, and goes to the next', async () => {
    const code = await coupon({ limits: { uses: 1 } });
    const sku = await sells(1_000);
    const [asha, ravi] = [await gateway.person(), await gateway.person()];
    const [home, there] = [await gateway.buy(asha, sku), await gateway.buy(ravi, sku)];
    await enter(asha, code);
    await enter(ravi, code);
    const first = (await order(asha, home.addressId)).json();
    const refused = await order(ravi, there.addressId);
    expect(said(refused)).toEqual([422, 'offer-exhausted']);
    expect(refused.json().totals).toMatchObject({ discount: 0, total: 1_000_00 });
    const cancel = { method: 'POST', url: `/api/orders/${first.id}/cancel`, as: asha, key: next('key-') } as const;
    expect((await gateway.send({ ...cancel, payload: { reason: 'changed my mind' } })).statusCode).toBe(200);
    await eventually(async () => (await usage(code)).held === 0);
    await eventually(async () => (await order(ravi, there.addressId)).statusCode === 201);
    expect(await usage(code)).toMatchObject({ held: 1 });
  });

  it('once for a customer', async () => {
    const code = await coupon({ limits: { perCustomer: 1 } });
    const asha = await gateway.person();
    const { addressId } = await gateway.buy(asha, await sells(1_000));
    await enter(asha, code);
    expect((await order(asha, addressId, {}, 'cod')).statusCode).toBe(201);
    await eventually(async () => (await usage(code)).confirmed === 1);
    await eventually(async () => (await cartOf(asha)).items.length === 0);
    await gateway.buy(asha, await sells(1_000));
    await enter(asha, code);
    expect(said(await order(asha, addressId))).toEqual([422, 'customer-limit']);
  });
});

describe('an order', () => {
  it('that comes to another total than the customer was shown is refused, and nothing is claimed', async () => {
    const asha = await gateway.person();
    const { addressId } = await gateway.buy(asha, await sells(700));
    const code = await coupon({ limits: { uses: 1 } });
    await enter(asha, code);
    const refused = await order(asha, addressId, { total: 700_00 });
    expect(said(refused)).toEqual([409, 'total-changed']);
    expect(refused.json().totals.total).toBe(630_00);
    expect(await usage(code)).toMatchObject({ held: 0, spent: 0 });
  });

  it('in cash costs the fee, within it its tax', async () => {
    const asha = await gateway.person();
    const { addressId } = await gateway.buy(asha, await sells(1_000));
    const shown = await cartOf(asha, `?method=cod&addressId=${addressId}`);
    const placed = (await order(asha, addressId, { total: shown.totals.total }, 'cod')).json();
    expect(placed).toMatchObject({ codFee: 29_00, totals: { shipping: 29_00, tax: 156_96, total: 1_029_00 } });
  });

  it('across states has IGST; to nowhere that tax law knows it is refused', async () => {
    const asha = await gateway.person();
    await gateway.buy(asha, await sells(1_000));
    const at = async (state: string, pincode: string) => {
      const place = { line1: '1 Road', city: 'Town', state, pincode, type: 'work', isDefault: false };
      const payload = { ...place, name: 'Asha Rao', phone: '+919876543210' };
      return (await gateway.send({ method: 'POST', url: '/api/users/me/addresses', payload, as: asha })).json().id;
    };
    const narnia = await at('Narnia', '560001');
    expect(said(await order(asha, narnia))).toEqual([422, 'unknown-state']);
    expect((await cartOf(asha, `?addressId=${narnia}`)).code).toBe('unknown-state');
    expect((await cartOf(asha, '?addressId=adr_0')).code).toBe('unknown-address');
    const placed = (await order(asha, await at('Maharashtra', '400001'))).json();
    expect(placed.items[0].tax).toMatchObject({ levy: 'igst', amount: 152_54 });
  });

  it('that costs nothing is confirmed at once, and no payment is opened for it', async () => {
    const asha = await gateway.person();
    const sku = await sells(700);
    const { addressId } = await gateway.buy(asha, sku);
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const payload = { title: 'Freight', benefit: { type: 'free-shipping' }, scope: { skus: [sku] }, endsAt };
    await gateway.send({ method: 'POST', url: '/api/promotions', payload, as: ops });
    await enter(asha, await coupon({ benefit: { type: 'percent', basisPoints: 10_000 } }));
    const placed = (await order(asha, addressId, { total: 0 })).json();
    expect(placed).toMatchObject({ status: 'CONFIRMED', payment: { status: 'captured', paymentUrl: null } });
    expect((await gateway.live.actors.payment.read(placed.payment.id)).view.status).toBe('none');
    const cancel = { method: 'POST', url: `/api/orders/${placed.id}/cancel`, as: asha, key: next('key-') } as const;
    const cancelled = await gateway.send({ ...cancel, payload: { reason: 'changed my mind' } });
    expect(cancelled.json()).toMatchObject({ status: 'CANCELLED', refunded: 0 });
  });
});

describe('an offer for everybody', () => {
  it('counts without a code until it runs out, and then the order goes on without it', async () => {
    const sku = await sells(2_000);
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const payload = { title: 'First', benefit: TENTH, scope: { skus: [sku] }, endsAt, limits: { uses: 1 } };
    const { id } = (await gateway.send({ method: 'POST', url: '/api/promotions', payload, as: ops })).json();
    const [asha, ravi] = [await gateway.person(), await gateway.person()];
    const [home, there] = [await gateway.buy(asha, sku), await gateway.buy(ravi, sku)];
    expect((await order(asha, home.addressId)).json()).toMatchObject({ offers: [{ id }], totals: { total: 1_800_00 } });
    const seen = await order(ravi, there.addressId, { total: 1_800_00 });
    expect(said(seen)).toEqual([409, 'total-changed']);
    const without = (await order(ravi, there.addressId)).json();
    expect(without).toMatchObject({ offers: [], totals: { total: 2_000_00 } });
    const { view } = await gateway.live.actors.quota.read(id as PromotionId);
    expect(view).toMatchObject({ held: 1, left: { uses: 0 } });
  });

  it('for first orders is for those', async () => {
    const sku = await sells(2_000);
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const payload = {
      title: 'Welcome',
      benefit: TENTH,
      scope: { skus: [sku] },
      endsAt,
      audience: { firstOrder: true },
    };
    await gateway.send({ method: 'POST', url: '/api/promotions', payload, as: ops });
    const asha = await gateway.person();
    const { addressId } = await gateway.buy(asha, sku);
    const first = (await order(asha, addressId)).json();
    expect(first.totals.discount).toBe(200_00);
    await eventually(async () => (await cartOf(asha)).items.length === 0);
    await gateway.buy(asha, sku);
    expect((await cartOf(asha)).totals.discount).toBe(0);
    expect((await orderOf(asha, first.id)).totals).toEqual(first.totals);
  });
});
