import { goldenFixtures } from '../runtime/testing/golden.ts';
import { payment } from './kind.ts';

goldenFixtures(payment, new URL('./fixtures/', import.meta.url), {
  PaymentOpened: 1,
  GatewayOrderAttached: 1,
  PaymentAuthorised: 1,
  CaptureRequested: 1,
  VoidRequested: 1,
  PaymentVoided: 1,
  PaymentCaptured: 1,
  PaymentAttemptFailed: 1,
  ExtraCaptureSeen: 1,
  RefundRequested: 1,
  RefundProcessed: 1,
  RefundFailed: 1,
});
