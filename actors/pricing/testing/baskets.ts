/** Orders to be priced, by hand and at random. */
import fc from 'fast-check';
import { type Paise, type Pincode, type PromotionId, paise, type SellerId, type Sku } from '../../ids.ts';
import type { Offer, OfferTerms } from '../offers/offer.ts';
import type { PricedItem, PriceRequest } from '../request.ts';
import type { Place } from '../shipping/zones.ts';
import { dayBegins } from '../tax/dates.ts';
import type { StateCode } from '../tax/states.ts';

export const NOW = dayBegins('2026-01-15');

export const place = (pincode: string, state: string): Place => ({
  pincode: pincode as Pincode,
  state: state as StateCode,
});
export const BENGALURU = place('560048', '29');
export const MYSURU = place('570001', '29');
export const MUMBAI = place('400072', '27');
export const GUWAHATI = place('781001', '18');
const PLACES = [BENGALURU, MYSURU, MUMBAI, GUWAHATI, place('160001', '04')];

export const item = (sku: string, more: Partial<PricedItem> = {}): PricedItem => ({
  sku: sku as Sku,
  sellerId: 'sel_1' as SellerId,
  sellerState: '29' as StateCode,
  origin: BENGALURU,
  brand: 'Tarang',
  category: ['Electronics', 'Headphones'],
  hsn: '85183000',
  unitPrice: paise(1_000_00),
  quantity: 1,
  grams: 400,
  ...more,
});

export const offer = (id: string, more: Partial<OfferTerms> = {}): Offer => ({
  id: `prm_${id}` as PromotionId,
  title: id,
  benefit: { type: 'percent', basisPoints: 1_000 },
  scope: {},
  stacking: { type: 'stackable' },
  priority: 0,
  startsAt: NOW - 1_000,
  endsAt: NOW + 1_000,
  fundedBy: 'platform',
  ...more,
});

export const order = (more: Partial<PriceRequest> = {}): PriceRequest => ({
  at: NOW,
  items: [item('BUDS')],
  deliverTo: BENGALURU,
  offers: [],
  coupons: [],
  customer: { orders: 3, segments: [] },
  payment: { method: 'upi' },
  ...more,
});

const SKUS = ['A', 'B', 'C', 'D', 'E'] as const;
const amount = (max: number) => fc.integer({ min: 1, max }).map(paise);
const basisPoints = fc.integer({ min: 1, max: 10_000 });

const itemsAt = (unitPrice: fc.Arbitrary<Paise>, quantity: number) =>
  fc.uniqueArray(
    fc.record({
      sku: fc.constantFrom(...SKUS).map((sku) => sku as Sku),
      sellerId: fc.constantFrom('sel_1', 'sel_2').map((id) => id as SellerId),
      sellerState: fc.constantFrom('29', '27').map((code) => code as StateCode),
      origin: fc.constantFrom(BENGALURU, MUMBAI),
      brand: fc.constantFrom('Tarang', 'Gully', null),
      category: fc.constantFrom(['Clothing', 'Shirts'], ['Clothing'], ['Electronics', 'Power']),
      hsn: fc.constantFrom('6109', '8518', '0902', '4901', '220210'),
      unitPrice,
      quantity: fc.integer({ min: 1, max: quantity }),
      grams: fc.integer({ min: 1, max: 5_000 }),
    }),
    { selector: ({ sku }) => sku, minLength: 1, maxLength: SKUS.length, size: 'max' },
  );
/** Half of them cost so little that shipping is charged. */
const items = fc.oneof(
  itemsAt(amount(60_00), 3),
  itemsAt(fc.oneof(amount(200), amount(5_000_00), amount(100_000_000_000)), 10),
);

/** One in four: with many conditions at once hardly any offer would ever count. */
const optional = <T>(of: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: of });
const present = (terms: object): object =>
  Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined));

const terms: fc.Arbitrary<Partial<OfferTerms>> = fc
  .record({
    code: optional(fc.constantFrom('SAVE', 'MORE')),
    benefit: fc.oneof(
      fc.record({ type: fc.constant('percent' as const), basisPoints }),
      fc.record({ type: fc.constant('flat' as const), amount: amount(2_000_00) }),
      fc.record({
        type: fc.constant('buy-x-get-y' as const),
        buy: fc.integer({ min: 1, max: 3 }),
        get: fc.integer({ min: 1, max: 2 }),
        basisPoints,
      }),
      fc.constant({ type: 'free-shipping' as const }),
    ),
    scope: fc.constantFrom(
      {},
      {},
      {},
      { brands: ['Tarang'] },
      { categories: [['Clothing']] },
      { sellers: ['sel_1'] },
      { exceptSkus: ['A'] },
    ),
    minimum: optional(amount(500_00)),
    cap: optional(amount(50_00)),
    payment: optional(fc.constant({ methods: ['cod' as const] })),
    audience: optional(fc.constant({ firstOrder: true })),
    stacking: fc.oneof(
      fc.constant({ type: 'exclusive' as const }),
      fc.constant({ type: 'stackable' as const }),
      fc.constantFrom('x', 'y').map((group) => ({ type: 'stackable' as const, group })),
    ),
    priority: fc.integer({ min: 0, max: 2 }),
  })
  .map(present);

/** Any order: small and huge prices, every sort of offer at once, everywhere. */
export const anyOrder: fc.Arbitrary<PriceRequest> = fc
  .record({
    items,
    offers: fc
      .array(terms, { maxLength: 6, size: 'max' })
      .map((all) => all.map((each, index) => offer(`${index}`, each))),
    coupons: fc.constantFrom(['SAVE', 'MORE'], ['SAVE', 'MORE', 'NONE'], ['MORE'], []),
    deliverTo: fc.constantFrom(...PLACES),
    customer: fc.record({ orders: fc.integer({ min: 0, max: 1 }), segments: fc.constant([]) }),
    payment: fc.constantFrom({ method: 'cod' as const }, { method: 'upi' as const }),
  })
  .map(order);
