import { goldenFixtures } from '../runtime/testing/golden.ts';
import { order } from './kind.ts';

goldenFixtures(order, new URL('./fixtures/', import.meta.url), {
  OrderPlaced: 1,
  ReservationAbandoned: 1,
  OrderReserved: 1,
  PaymentOffered: 1,
  PaymentRetried: 1,
  OrderConfirmed: 1,
  OrderPaymentFailed: 1,
  OrderCancelled: 1,
  LinesCancelled: 1,
  LineReallocated: 1,
  ProcessingStarted: 1,
  OrderShipped: 1,
  OrderDelivered: 1,
  ReturnRequested: 1,
  ReturnReceived: 1,
  OrderRefunded: 1,
  ReviewRequested: 1,
  OrderHeldForReview: 1,
  OrderReviewCleared: 1,
  ReturnWindowEnded: 1,
});
