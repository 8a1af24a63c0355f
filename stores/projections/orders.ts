import { order } from '../../actors/order/kind.ts';
import type { PlacedOrder } from '../../actors/order/order.ts';
import type { Review } from '../../actors/order/review.ts';
import { view } from '../../actors/order/view.ts';
import { defineProjection } from './projection.ts';
import type { Change, Table } from './table.ts';

const ORDERS: Table = {
  name: 'orders',
  key: ['id'],
  columns: {
    id: { type: 'text' },
    user_id: { type: 'text' },
    status: { type: 'text' },
    item_count: { type: 'integer' },
    items_total: { type: 'bigint' },
    discount: { type: 'bigint' },
    shipping: { type: 'bigint' },
    tax: { type: 'bigint' },
    total: { type: 'bigint' },
    refunded: { type: 'bigint' },
    payment_id: { type: 'text' },
    payment_method: { type: 'text' },
    payment_gateway: { type: 'text' },
    payment_status: { type: 'text' },
    cancel_reason: { type: 'text' },
    shipping_address: { type: 'json' },
    reserved_until: { type: 'instant' },
    created_at: { type: 'instant' },
    updated_at: { type: 'instant' },
    version: { type: 'bigint' },
  },
};

const ORDER_ITEMS: Table = {
  name: 'order_items',
  key: ['order_id', 'sku'],
  columns: {
    order_id: { type: 'text' },
    sku: { type: 'text' },
    position: { type: 'integer' },
    product_id: { type: 'text' },
    seller_id: { type: 'text' },
    name: { type: 'text' },
    quantity: { type: 'integer' },
    unit_price: { type: 'bigint' },
    status: { type: 'text' },
  },
};

/** Of a customer's thousand orders perhaps one. */
const ORDER_REVIEWS: Table = {
  name: 'order_reviews',
  key: ['order_id'],
  columns: {
    order_id: { type: 'text' },
    user_id: { type: 'text' },
    status: { type: 'text' },
    score: { type: 'integer' },
    reasons: { type: 'json' },
    total: { type: 'bigint' },
    opened_at: { type: 'instant' },
    cleared_by: { type: 'text' },
    cleared_at: { type: 'instant' },
    note: { type: 'text' },
  },
};

export const orders = defineProjection({
  name: 'orders',
  kind: order,
  tables: [ORDERS, ORDER_ITEMS, ORDER_REVIEWS],
  changes({ id, state, version }): readonly Change[] {
    const of = view(state);
    if (of.status === 'NONE') return [];
    const { lines, totals, payment } = of;
    const items = lines.map((line, position) => ({
      table: ORDER_ITEMS,
      row: {
        order_id: id,
        sku: line.sku,
        position,
        product_id: line.productId,
        seller_id: line.sellerId,
        name: line.name,
        quantity: line.quantity,
        unit_price: line.unitPrice,
        status: line.status,
      },
    }));
    const row = {
      id,
      user_id: of.userId,
      status: of.status,
      item_count: lines.reduce((units, { quantity }) => units + quantity, 0),
      items_total: totals.items,
      discount: totals.discount,
      shipping: totals.shipping,
      tax: totals.tax,
      total: totals.total,
      refunded: of.refunded,
      payment_id: payment.id,
      payment_method: payment.method,
      payment_gateway: payment.gateway,
      payment_status: payment.status,
      cancel_reason: of.cancelled?.reason ?? null,
      shipping_address: JSON.stringify(of.shippingAddress),
      reserved_until: of.reservedUntil,
      created_at: of.createdAt,
      updated_at: of.updatedAt,
      version,
    };
    const review = of.review === undefined ? [] : [{ table: ORDER_REVIEWS, row: reviewRow(id, of, of.review) }];
    return [{ table: ORDERS, row }, ...items, ...review];
  },
});

const reviewRow = (id: string, { userId, status, totals }: PlacedOrder, review: Review) => ({
  order_id: id,
  user_id: userId,
  status: review.status === 'open' && status === 'CANCELLED' ? 'closed' : review.status,
  score: review.score,
  reasons: JSON.stringify(review.reasons),
  total: totals.total,
  opened_at: review.openedAt,
  cleared_by: review.clearedBy ?? null,
  cleared_at: review.clearedAt ?? null,
  note: review.note ?? null,
});
