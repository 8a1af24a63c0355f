/** Histories of one order to begin a test with. */
import type {
  AddressId,
  OrderId,
  PaymentId,
  Pincode,
  ProductId,
  RefundId,
  ReturnId,
  SellerId,
  Sku,
  UserId,
  WarehouseId,
} from '../../ids.ts';
import { paise } from '../../ids.ts';
import { STORY_BEGINS } from '../../runtime/testing/given.ts';
import type { OrderEvent, OrderLine } from '../order.ts';

export const KETTLE = 'kettle' as Sku;
export const CUP = 'cup' as Sku;
export const LAMP = 'lamp' as Sku;
export const PAYMENT = 'pay_1' as PaymentId;
export const ORDER = 'ord_1' as OrderId;
export const RESERVED_UNTIL = STORY_BEGINS + 600_000;
export const returnId = (n: number) => `ret_${n}` as ReturnId;
export const refundId = (n: number) => `rfd_${n}` as RefundId;

const line = (sku: Sku, quantity: number, unitPrice: number): OrderLine => ({
  sku,
  productId: `prd_${sku}` as ProductId,
  sellerId: 'sel_1' as SellerId,
  name: sku,
  quantity,
  unitPrice: paise(unitPrice),
});

export type Placing = Extract<OrderEvent, { type: 'OrderPlaced' }>;

/** Two kettles for 200 rupees, a cup for 33.33 and a lamp for 99.99; shipping 49; less `discount`. */
export function placedBy(method: 'upi' | 'cod' = 'upi', discount = 0): Placing {
  const lines = [line(KETTLE, 2, 10_000), line(CUP, 1, 3_333), line(LAMP, 1, 9_999)];
  const items = lines.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0);
  return {
    type: 'OrderPlaced',
    userId: 'usr_1' as UserId,
    lines,
    totals: {
      items: paise(items),
      discount: paise(discount),
      shipping: paise(4_900),
      tax: paise(0),
      total: paise(items - discount + 4_900),
    },
    shippingAddress: {
      id: 'adr_1' as AddressId,
      name: 'Asha',
      phone: '+919876543210',
      line1: '1 MG Road',
      city: 'Bengaluru',
      state: 'KA',
      pincode: '560001' as Pincode,
    },
    payment: { id: PAYMENT, method, gateway: method === 'cod' ? 'cod' : 'razorpay' },
    reservedUntil: RESERVED_UNTIL,
  };
}

const at = (quantity: number) => [{ warehouseId: 'wh_blr' as WarehouseId, quantity }];
export const allocations = { [KETTLE]: at(2), [CUP]: at(1), [LAMP]: at(1) };
export const offer = { gatewayOrderId: 'order_1', paymentUrl: 'https://pay.example/1' };

export const placed: readonly OrderEvent[] = [placedBy()];
export const pending: readonly OrderEvent[] = [...placed, { type: 'OrderReserved', allocations, ...offer }];
export const confirmed: readonly OrderEvent[] = [...pending, { type: 'OrderConfirmed', paid: true }];
export const onDelivery: readonly OrderEvent[] = [
  placedBy('cod'),
  { type: 'OrderReserved', allocations },
  { type: 'OrderConfirmed', paid: false },
];
const onTheWay: readonly OrderEvent[] = [{ type: 'ProcessingStarted' }, { type: 'OrderShipped' }];
export const shipped: readonly OrderEvent[] = [...confirmed, ...onTheWay];
export const delivered: readonly OrderEvent[] = [...shipped, { type: 'OrderDelivered', collected: paise(0) }];
