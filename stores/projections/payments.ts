import { payment } from '../../actors/payment/kind.ts';
import { view } from '../../actors/payment/view.ts';
import { defineProjection } from './projection.ts';
import type { Change, Table } from './table.ts';

const PAYMENTS: Table = {
  name: 'payments',
  key: ['id'],
  columns: {
    id: { type: 'text' },
    order_id: { type: 'text' },
    user_id: { type: 'text' },
    method: { type: 'text' },
    gateway: { type: 'text' },
    status: { type: 'text' },
    amount: { type: 'bigint' },
    captured: { type: 'bigint' },
    refunded: { type: 'bigint' },
    gateway_order_id: { type: 'text' },
    gateway_payment_id: { type: 'text' },
    failures: { type: 'integer' },
    captured_at: { type: 'instant' },
    created_at: { type: 'instant', keep: 'first' },
    updated_at: { type: 'instant' },
    version: { type: 'bigint' },
  },
};

const REFUNDS: Table = {
  name: 'refunds',
  key: ['id'],
  columns: {
    id: { type: 'text' },
    payment_id: { type: 'text' },
    order_id: { type: 'text' },
    gateway_payment_id: { type: 'text' },
    gateway_refund_id: { type: 'text' },
    amount: { type: 'bigint' },
    reason: { type: 'text' },
    status: { type: 'text' },
    created_at: { type: 'instant', keep: 'first' },
    updated_at: { type: 'instant' },
  },
};

export const payments = defineProjection({
  name: 'payments',
  kind: payment,
  tables: [PAYMENTS, REFUNDS],
  changes({ id, events, state, version, at }): readonly Change[] {
    const of = view(state);
    if (of.status === 'none') return [];
    const { orderId, capture, refunds } = of;
    const processed = refunds.filter(({ status }) => status === 'processed');
    const row = {
      id,
      order_id: orderId,
      user_id: of.userId,
      method: of.method,
      gateway: of.gateway,
      status: of.status,
      amount: of.amount,
      captured: capture?.amount ?? 0,
      // Of money that came twice or in the wrong amount, too: it is not in `captured`.
      refunded: processed.reduce((sum, { amount }) => sum + amount, 0),
      gateway_order_id: of.gatewayOrderId ?? null,
      gateway_payment_id: capture?.gatewayPaymentId ?? null,
      failures: of.failures,
      captured_at: capture?.gatewayAt ?? null,
      created_at: at,
      updated_at: at,
      version,
    };
    // Only those that this commit is about: the others have not changed.
    const changed = new Map(events.flatMap(({ event, at }) => ('refundId' in event ? [[event.refundId, at]] : [])));
    const refundRows = refunds
      .filter(({ refundId }) => changed.has(refundId))
      .map((refund) => ({
        table: REFUNDS,
        row: {
          id: refund.refundId,
          payment_id: id,
          order_id: orderId,
          gateway_payment_id: refund.gatewayPaymentId,
          gateway_refund_id: refund.gatewayRefundId ?? null,
          amount: refund.amount,
          reason: refund.reason,
          status: refund.status,
          created_at: changed.get(refund.refundId) ?? at,
          updated_at: changed.get(refund.refundId) ?? at,
        },
      }));
    return [{ table: PAYMENTS, row }, ...refundRows];
  },
});
