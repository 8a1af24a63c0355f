import { goldenFixtures } from '../runtime/testing/golden.ts';
import { cart } from './kind.ts';

goldenFixtures(cart, new URL('./fixtures/', import.meta.url), {
  ItemAdded: 1,
  QuantityChanged: 1,
  ItemRemoved: 1,
  CouponApplied: 1,
  CouponRemoved: 1,
  CartCheckedOut: 1,
  CartAbandoned: 1,
  AbandonmentPostponed: 1,
});
