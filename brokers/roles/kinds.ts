/** Every kind of actor that there is. */
import { cart } from '../../actors/cart/kind.ts';
import { sale } from '../../actors/flash-sale/kind.ts';
import { order } from '../../actors/order/kind.ts';
import { payment } from '../../actors/payment/kind.ts';
import { promotion } from '../../actors/promotion/kind.ts';
import { quota } from '../../actors/quota/kind.ts';
import { sku } from '../../actors/sku/kind.ts';
import { wallet } from '../../actors/wallet/kind.ts';
import type { KindName } from '../../config/subjects.ts';

export const KINDS = { cart, sku, order, payment, sale, promotion, quota, wallet } as const;
export type KindRole = KindName;
