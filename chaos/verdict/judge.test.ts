/** Books that agree, spoilt in one place each. */
import { expect, test } from 'vitest';
import type {
  AddressId,
  OrderId,
  Paise,
  PaymentId,
  Pincode,
  ProductId,
  SellerId,
  Sku,
  UserId,
  WarehouseId,
} from '../../actors/ids.ts';
import { order } from '../../actors/order/kind.ts';
import type { OrderEvent } from '../../actors/order/order.ts';
import { sku } from '../../actors/sku/kind.ts';
import type { SkuEvent } from '../../actors/sku/sku.ts';
import { newDiary, type Told } from '../shoppers/diary.ts';
import { type Evidence, judge } from './judge.ts';

const orderId = 'ord_1' as OrderId;
const userId = 'usr_1' as UserId;
const scarce = 'S' as Sku;
const at = 1_800_000_000_000;
const allocations = [{ warehouseId: 'wh_del' as WarehouseId, quantity: 1 }];
const total = 49_900 as Paise;

const placed: OrderEvent = {
  type: 'OrderPlaced',
  userId,
  lines: [
    {
      sku: scarce,
      productId: 'prd_1' as ProductId,
      sellerId: 'sel_1' as SellerId,
      name: 'S',
      quantity: 1,
      unitPrice: total,
    },
  ],
  totals: { items: total, discount: 0 as Paise, shipping: 0 as Paise, tax: 0 as Paise, total },
  shippingAddress: {
    id: 'adr_1' as AddressId,
    name: 'Chitra Iyer',
    phone: '+919000000001',
    line1: '1 Sale Street',
    city: 'New Delhi',
    state: 'Delhi',
    pincode: '110001' as Pincode,
  },
  payment: { id: 'pay_1' as PaymentId, method: 'cod', gateway: 'cod' },
  reservedUntil: at + 5_000,
};
const confirmed: OrderEvent[] = [
  placed,
  { type: 'OrderReserved', allocations: { [scarce]: allocations } },
  { type: 'OrderConfirmed', paid: false },
];
const stocked: SkuEvent = {
  type: 'StockSet',
  warehouseId: 'wh_del' as WarehouseId,
  pincode: '110001' as Pincode,
  onHand: 6,
  delta: 6,
  reorderPoint: 0,
};
const bucket = 'S~sal_1~0-1' as Sku;
const parcels = [{ warehouseId: 'wh_del' as WarehouseId, pincode: '110001' as Pincode, quantity: 2 }] as const;
const setAside: { stock: SkuEvent[]; bucket: SkuEvent[] } = {
  stock: [
    stocked,
    { type: 'StockSent', to: bucket, number: 1, units: parcels },
    { type: 'TransferCompleted', to: bucket, number: 1 },
  ],
  bucket: [
    { type: 'BucketOpened', of: scarce, limitPerCustomer: 1 },
    { type: 'StockArrived', from: scarce, number: 1, units: parcels },
  ],
};
const held: SkuEvent = { type: 'StockReserved', orderId, allocations, expiresAt: Date.now() + 60_000 };
const told: Told = { userId, orderId, total, did: 'cod', saw: 'CONFIRMED', cancelled: false };

const historyOf = <S, E>(
  kind: { initial: (id: string) => S; evolve: (state: S, event: E, meta: { at: number; version: number }) => S },
  id: string,
  events: readonly E[],
) => ({
  id,
  events,
  at,
  state: events.reduce((s, e, n) => kind.evolve(s, e, { at, version: n + 1 }), kind.initial(id)),
});

function evidence(changes: {
  readonly order?: readonly OrderEvent[];
  readonly stock?: readonly SkuEvent[];
  readonly told?: Partial<Told>;
  readonly presses?: number;
  readonly before?: readonly Told[];
  readonly bucket?: readonly SkuEvent[];
  readonly salesOver?: readonly string[];
}): Evidence {
  const diary = newDiary();
  diary.told.push({ ...told, ...changes.told });
  diary.presses.set(userId, changes.presses ?? 1);
  const orders = changes.order ?? confirmed;
  const ledgers = {
    orders: new Map(orders.length === 0 ? [] : [[orderId, historyOf(order, orderId, orders)]]),
    skus: new Map([
      [scarce, historyOf(sku, scarce, changes.stock ?? [stocked])],
      ...(changes.bucket === undefined ? [] : [[bucket, historyOf(sku, bucket, changes.bucket)] as const]),
    ]),
    payments: new Map(),
    faults: [],
    about: { broken: [], stock: [], money: [] },
  };
  const money = { captured: 0, refunded: 0 };
  const empty = { byStatus: new Map(), inventory: new Map(), sold: new Map(), payments: new Map(), orders: new Map() };
  const goods = { scarce, plenty: [], bargain: 'B', units: { [scarce]: 6 } };
  return {
    diary,
    goods,
    before: changes.before ?? [],
    salesOver: changes.salesOver ?? [],
    ledgers,
    deadLetters: [],
    till: { ...money, payments: new Map() },
    tables: { ...empty, ...money },
  };
}

/** The tables are empty here, which is a finding of its own kind. */
const found = (changes: Parameters<typeof evidence>[0]) =>
  judge(evidence(changes)).flatMap(({ kind, what }) => (kind === 'disagreement' ? [] : [`${kind}: ${what}`]));

test('books that agree', () => {
  expect(found({})).toEqual([]);
});

test('an acknowledged order that is nowhere', () => {
  expect(found({ order: [] })).toEqual(['lost: ord_1 was acknowledged and is not in the streams']);
});

test('an order of another amount than was acknowledged', () => {
  expect(found({ told: { total: 1 } })).toEqual(['lost: ord_1 is not as it was acknowledged']);
});

test('a cancellation that was acknowledged and forgotten', () => {
  expect(found({ told: { cancelled: true } })).toEqual(['lost: ord_1 was cancelled and is CONFIRMED']);
});

test('more stock than was put on sale', () => {
  expect(found({ stock: [{ ...stocked, onHand: 7, delta: 7 }] })).toEqual([
    'oversold: S: 0 sold, 0 held, 7 left, 0 on their way, of 7 received; 6 were put on sale',
  ]);
});

test('more sold than was put on sale, over all ledgers', () => {
  const sold: SkuEvent = { type: 'StockCommitted', orderId, allocations: [{ ...parcels[0], quantity: 5 }] };
  const stock = [...setAside.stock, sold];
  const also: SkuEvent = { ...sold, allocations: [{ ...parcels[0], quantity: 2 }] };
  expect(found({ stock, bucket: [...setAside.bucket, also] })).toContain(
    'oversold: S: 7 units were sold to customers; 6 were put on sale',
  );
});

test('more orders than presses of the button', () => {
  expect(found({ presses: 0 })).toEqual(['doubleCharged: usr_1 pressed 0 times, and has 1 orders']);
});

test('an order that waits for ever, and a unit that is held for it', () => {
  expect(found({ order: [placed], told: { saw: 'CREATED' }, stock: [stocked, held] })).toEqual([
    'unfinished: ord_1 is still CREATED',
    'unfinished: S is still held for ord_1',
  ]);
});

test('an order that was acknowledged in an earlier run, and has gone since', () => {
  const earlier = { ...told, orderId: 'ord_0' };
  expect(found({ before: [earlier] })).toEqual(['lost: ord_0 was acknowledged and is not in the streams']);
});

test('units of a sale are counted with the others, and must have gone back when it is over', () => {
  expect(found(setAside)).toEqual([]);
  expect(found({ ...setAside, salesOver: [scarce] })).toEqual([
    'unfinished: S~sal_1~0-1 has 2 units, and its sale is over',
  ]);
});
