/** Orders on the wire. */
import { z } from 'zod';
import { paise, times } from '../../actors/ids.ts';
import { ORDER_STATUSES, type PlacedOrder, type StatusReached } from '../../actors/order/order.ts';
import { type LineQuote, netOf } from '../../actors/order/quoted.ts';
import type { OrderSummary } from '../../stores/projections/port.ts';
import { appliedOffer, offerDocument, totals } from './cart.ts';
import {
  addressId,
  currency,
  cursor,
  instant,
  isoTime,
  limit,
  money,
  orderId,
  PAYMENT_METHODS,
  pageOf,
  returnId,
  sku,
  text,
  version,
} from './scalars.ts';

const status = z.enum(ORDER_STATUSES);

export const checkout = z
  .strictObject({
    addressId,
    payment: z.strictObject({ method: z.enum(PAYMENT_METHODS) }),
    total: z
      .int()
      .min(0)
      .transform((value) => paise(value))
      .optional()
      .describe('What the customer was shown: an order that comes to another total is refused'),
  })
  .meta({
    id: 'Checkout',
    examples: [{ addressId: 'adr_018f3c1e9b7a7cc09f2b1c3d4e5f6a7b', payment: { method: 'upi' } }],
  });

export const paymentRetry = z
  .strictObject({ method: z.enum(PAYMENT_METHODS) })
  .meta({ id: 'PaymentRetry', examples: [{ method: 'netbanking' }] });

const someLines = z.array(sku).min(1).max(50).optional().describe('SKUs of the lines; absent: all');
export const cancellation = z.strictObject({ reason: text(500), items: someLines }).meta({ id: 'Cancellation' });
export const returnRequest = z.strictObject({ reason: text(500), items: someLines }).meta({ id: 'ReturnRequest' });

export const fulfilment = z
  .discriminatedUnion('status', [
    z.strictObject({ status: z.literal('PROCESSING') }),
    z.strictObject({
      status: z.literal('SHIPPED'),
      carrier: text(100).optional(),
      trackingNumber: text(100).optional(),
    }),
    z.strictObject({ status: z.literal('DELIVERED') }),
    z.strictObject({ status: z.literal('RETURNED'), returnId: returnId.describe('From the answer to the request') }),
  ])
  .meta({
    id: 'Fulfilment',
    examples: [{ status: 'SHIPPED', carrier: 'India Post', trackingNumber: 'EM123456789IN' }],
  });

export const orderParams = z.object({ id: orderId });
export const orderQuery = z.strictObject({ status: status.optional(), limit, cursor });

export const order = z
  .object({
    id: z.string(),
    status,
    items: z.array(
      z.object({
        sku: z.string(),
        productId: z.string(),
        sellerId: z.string(),
        name: z.string(),
        quantity: z.int(),
        unitPrice: money,
        discount: money.describe('What offers took off the line'),
        total: money.describe('What is paid for the line: what comes back for it'),
        tax: z
          .object({
            hsn: z.string(),
            rate: z.int().describe('Hundredths of a per cent'),
            levy: z.enum(['sgst', 'utgst', 'igst']).describe('Within a state half of it is CGST'),
            amount: money.describe('Inside `total`'),
          })
          .nullable()
          .describe('null: of an order from before lines were taxed one by one'),
        status,
      }),
    ),
    offers: z.array(appliedOffer),
    codFee: money.describe('Of `totals.shipping`, the fee for cash'),
    totals,
    currency,
    shippingAddress: z.object({
      id: z.string(),
      name: z.string(),
      phone: z.string(),
      line1: z.string(),
      line2: z.string().optional(),
      city: z.string(),
      state: z.string(),
      pincode: z.string(),
    }),
    payment: z.object({
      id: z.string(),
      method: z.enum(PAYMENT_METHODS),
      gateway: z.string(),
      status: z.enum(['pending', 'authorised', 'captured', 'failed', 'refund-pending', 'refunded', 'not-collected']),
      gatewayOrderId: z.string().nullable(),
      paymentUrl: z.string().nullable().describe('Where to pay; null for cash, or while the gateway does not answer'),
    }),
    otherPayments: z
      .array(z.object({ id: z.string(), method: z.enum(PAYMENT_METHODS), gateway: z.string() }))
      .describe('Tries to pay besides `payment`, which is the last one, or the one that paid'),
    refunded: money,
    cancellation: z
      .object({ reason: z.string(), note: z.string().nullable() })
      .nullable()
      .describe('Why it was cancelled, if it was'),
    reservedUntil: instant.describe('The stock is held until then for the payment'),
    timeline: z.array(z.object({ status, at: instant })),
    createdAt: instant,
    updatedAt: instant,
    version,
  })
  .meta({ id: 'Order' });

export const returnAnswer = order
  .extend({ returnId: z.string().describe('Names this return') })
  .meta({ id: 'OrderReturn' });

const summary = z
  .object({
    id: z.string(),
    status,
    total: money,
    currency,
    itemCount: z.int(),
    items: z.array(z.object({ sku: z.string(), name: z.string(), quantity: z.int(), unitPrice: money, status })),
    createdAt: instant,
    updatedAt: instant,
    version,
  })
  .meta({ id: 'OrderSummary' });
export const orderPage = pageOf(summary).meta({ id: 'OrderPage' });

const taxDocument = (quote: LineQuote | undefined) =>
  quote === undefined ? null : { hsn: quote.hsn, rate: quote.rate, levy: quote.levy, amount: quote.tax };

export const orderDocument = (id: string, of: PlacedOrder, orderVersion: number) => ({
  id,
  status: of.status,
  items: of.lines.map((line) => ({
    sku: line.sku,
    productId: line.productId,
    sellerId: line.sellerId,
    name: line.name,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    discount: paise(times(line.unitPrice, line.quantity) - netOf(line)),
    total: netOf(line),
    tax: taxDocument(line.quote),
    status: line.status,
  })),
  offers: (of.offers ?? []).map(offerDocument),
  codFee: of.codFee ?? paise(0),
  totals: of.totals,
  currency: 'INR',
  shippingAddress: of.shippingAddress,
  payment: {
    id: of.payment.id,
    method: of.payment.method,
    gateway: of.payment.gateway,
    status: of.payment.status,
    gatewayOrderId: of.payment.gatewayOrderId ?? null,
    paymentUrl: of.payment.paymentUrl ?? null,
  },
  otherPayments: (of.otherPayments ?? []).map(({ id: paymentId, method, gateway }) => ({
    id: paymentId,
    method,
    gateway,
  })),
  refunded: of.refunded,
  cancellation: of.cancelled === undefined ? null : { reason: of.cancelled.reason, note: of.cancelled.note ?? null },
  reservedUntil: isoTime(of.reservedUntil),
  timeline: of.timeline.map((reached) => ({ status: reached.status, at: isoTime(reached.at) })),
  createdAt: isoTime(of.createdAt),
  updatedAt: isoTime(of.updatedAt),
  version: orderVersion,
});

export const summaryDocument = (of: OrderSummary) => ({
  id: of.id,
  status: of.status,
  total: of.total,
  currency: 'INR',
  itemCount: of.itemCount,
  items: of.items,
  createdAt: isoTime(of.createdAt),
  updatedAt: isoTime(of.updatedAt),
  version: of.version,
});

/** Data of one server-sent event. */
export const statusEvent = z
  .object({ orderId: z.string(), status, at: instant, version })
  .meta({ id: 'OrderStatusEvent' });

export const statusEventDocument = (id: string, reached: StatusReached) => ({
  orderId: id,
  status: reached.status,
  at: isoTime(reached.at),
  version: reached.version,
});
