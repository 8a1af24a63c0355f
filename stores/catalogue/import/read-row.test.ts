import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SellerId } from '../../../actors/ids.ts';
import { readCategory, readRow, readRupees, readSpecifications, type SourceRow } from './read-row.ts';
import { cleanText } from './text.ts';

const SELLER = 'sel_1' as SellerId;
const good: SourceRow = {
  uniq_id: 'c2d766ca982eca8304150849735ffef9',
  pid: 'SRTEH2FF9KEDEFGF',
  product_name: 'Reebok Casual Cap',
  brand: '',
  category_tree: '["Clothing >> Men\'s Clothing >> Caps >> Reebok Caps >> Reebok Casual C..."]',
  retail_price: '999',
  discounted_price: '379',
  overall_rating: '4.2',
  description: 'A &amp; B<br>soft',
  product_specifications: '{"product_specification"=>[{"key"=>"Fabric", "value"=>"Cotton"}, {"value"=>"no name"}]}',
  image: '["http://img.example/a.jpeg", "http://img.example/b.jpeg", "http://img.example/a.jpeg"]',
};

test('a row becomes a product, the same one every time', () => {
  const result = readRow(good, SELLER);
  expect(result).toEqual(readRow({ ...good }, SELLER));
  expect(result).toMatchObject({
    ok: true,
    product: {
      sku: 'SRTEH2FF9KEDEFGF',
      rating: { avg: 4.2, count: 1 },
      draft: {
        name: 'Reebok Casual Cap',
        description: 'A & B soft',
        brand: 'Reebok',
        category: ['Clothing', "Men's Clothing", 'Caps'],
        attributes: { Fabric: 'Cotton' },
        images: ['http://img.example/a.jpeg', 'http://img.example/b.jpeg'],
        variants: [{ sku: 'SRTEH2FF9KEDEFGF', attributes: {}, mrp: 99_900, price: 37_900 }],
        status: 'active',
      },
    },
  });
});

test('the id follows the product, the fingerprint what is said of it', () => {
  const [one, dearer] = [readRow(good, SELLER), readRow({ ...good, discounted_price: '380' }, SELLER)];
  if (!one.ok || !dearer.ok) throw new Error('not read');
  expect(dearer.product.id).toBe(one.product.id);
  expect(dearer.product.fingerprint).not.toBe(one.product.fingerprint);
});

test.each<[string, SourceRow]>([
  ['id-missing', { pid: ' ', uniq_id: 'not one word' }],
  ['name-missing', { product_name: ' <b></b>\u0000' }],
  ['price-missing', { retail_price: '', discounted_price: ' ' }],
  ['price-invalid', { retail_price: '0', discounted_price: '0' }],
  ['price-invalid', { retail_price: '999', discounted_price: '-5' }],
  ['price-invalid', { retail_price: '99999999', discounted_price: '99999999' }],
  ['price-above-mrp', { retail_price: '100', discounted_price: '100.01' }],
])('%s: %o', (reason, change) => {
  expect(readRow({ ...good, ...change }, SELLER)).toMatchObject({ ok: false, reason });
});

test('what is missing but not needed is done without', () => {
  const bare: SourceRow = {
    uniq_id: 'abc',
    product_name: 'Lamp',
    retail_price: '250',
    overall_rating: 'No rating available',
  };
  expect(readRow(bare, SELLER)).toMatchObject({
    ok: true,
    product: {
      sku: 'abc',
      rating: { avg: 0, count: 0 },
      draft: {
        brand: null,
        category: ['Other'],
        attributes: {},
        images: [],
        variants: [{ mrp: 25_000, price: 25_000 }],
      },
    },
  });
});

test.each([
  ['999', 99_900],
  ['1,29,999.5', 12_999_950],
  ['₹ 1299.05', 129_905],
  ['Rs. 10', 1_000],
  ['19.999', undefined],
  ['1e5', undefined],
  ['NaN', undefined],
  ['', undefined],
])('rupees %s', (text, expected) => expect(readRupees(text)).toBe(expected));

test.each([
  [
    '["Watches >> Wrist Watches >> Elantra Wrist Watches"]',
    'Elantra S 10 Analog Watch',
    ['Watches', 'Wrist Watches'],
    'Elantra',
  ],
  ['["Vishudh Printed Kurta"]', 'Vishudh Printed Kurta', ['Other'], null],
  ['["Toys >>  >> Cars >> Toy Car (Red)"]', 'Toy Car', ['Toys', 'Cars'], null],
  ['["A >> B >> C >> D >> E >> F"]', 'Thing', ['A', 'B', 'C', 'D', 'E'], null],
  ['Home >> Lamps', 'Thing', ['Home', 'Lamps'], null],
  ['', 'Thing', ['Other'], null],
])('category %s', (tree, name, path, brand) => expect(readCategory(tree, name)).toEqual({ path, brand }));

test('specifications: several values of one name, quotes inside, nil and nonsense', () => {
  const text = String.raw`{"product_specification"=>[{"key"=>"Size", "value"=>"M"}, {"key"=>"Size", "value"=>"L"}, {"key"=>"Screen", "value"=>"5\""}, {"key"=>"X", "value"=>nil}]}`;
  expect(readSpecifications(text)).toEqual({ Size: ['M', 'L'], Screen: '5"' });
  expect(readSpecifications('nil')).toEqual({});
});

test('text keeps what a person wrote, and nothing that harms', () => {
  expect(
    cleanText('a\u0000b\u0007 <script>alert(1)</script>c &lt;i&gt;d&lt;/i&gt; 5 < 6 &#8377;9 \ud800é\ufffd', 100),
  ).toBe('a b c d 5 < 6 ₹9 é');
  expect(cleanText('abc 😀', 5)).toBe('abc');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, length) => {
      const clean = cleanText(text, length);
      expect(clean.length).toBeLessThanOrEqual(length);
      expect(clean).not.toMatch(/[\p{Cc}]|^\s|\s$/u);
      expect(clean.isWellFormed()).toBe(true);
    }),
  );
});

test('no row makes it throw', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('999', '["A >> B"]', '{"key"=>"', '=>nil', '"', '[]'),
  );
  const row = fc.record(Object.fromEntries(Object.keys(good).map((name) => [name, cell])), { requiredKeys: [] });
  fc.assert(
    fc.property(row, (each) => {
      expect(readRow(each, SELLER).ok).toBeTypeOf('boolean');
    }),
  );
});
