import { expect, test } from 'vitest';
import type { Paise, ProductId, SellerId, Sku } from '../../actors/ids.ts';
import { rateAt } from '../../actors/pricing/tax/gst.ts';
import { goodsOf, goodsUnknown } from './goods.ts';
import type { Attributes, Product } from './port.ts';
import { DEMO_SELLER, demoProducts, OTHER_SELLER } from './seed/generate.ts';

const AT = Date.UTC(2026, 0, 15);
const goods = (more: Partial<Product>, own: Attributes = {}) => {
  const variant = { sku: 'S' as Sku, attributes: own, mrp: 100 as Paise, price: 100 as Paise };
  return goodsOf(
    {
      ...{
        id: 'prd_1' as ProductId,
        name: 'Thing',
        description: '',
        brand: null,
        category: ['Grocery', 'Tea & Coffee'],
      },
      ...{ sellerId: 'sel_x' as SellerId, attributes: {}, images: [], variants: [variant] },
      ...{ rating: { avg: 0, count: 0 }, status: 'active', createdAt: AT, updatedAt: AT, version: 1 },
      ...more,
    },
    variant,
  );
};

test('a seller says what goods are and weigh, of a variant too; else the category says it', () => {
  expect(goods({})).toMatchObject({ hsn: '0902', grams: 500 });
  expect(goods({ attributes: { HSN: '2101', 'Weight (g)': 250.4 } })).toMatchObject({ hsn: '2101', grams: 251 });
  expect(goods({ attributes: { 'Weight (g)': '250' } }, { 'Weight (g)': '1000' })).toMatchObject({ grams: 1_000 });
  // Neither a number of no rate nor a weight of nothing is believed.
  expect(goods({ attributes: { HSN: '9999', 'Weight (g)': -3 } })).toMatchObject({ hsn: '0902', grams: 500 });
  expect(goods({ attributes: { HSN: ['x'], 'Weight (g)': ['y'] } })).toMatchObject({ hsn: '0902', grams: 500 });
  expect(goods({ category: ['Ships'] })).toMatchObject({ hsn: '00' });
});

test('sellers are registered somewhere, and so are those that nobody knows', () => {
  expect(goods({ sellerId: OTHER_SELLER })).toMatchObject({
    sellerState: '27',
    origin: { pincode: '400072', state: '27' },
  });
  expect(goodsUnknown({ sellerId: DEMO_SELLER })).toMatchObject({ sellerState: '29', hsn: '00', category: [] });
  expect(goodsUnknown({ sellerId: 'sel_nobody' as SellerId }).sellerState).toBe('29');
});

test('all that the demo shop sells is classified', () => {
  for (const { id, draft } of demoProducts()) {
    const { hsn } = goods({ ...draft, id });
    expect(hsn).not.toBe('00');
    expect(rateAt(hsn, AT)).toBeDefined();
  }
});
