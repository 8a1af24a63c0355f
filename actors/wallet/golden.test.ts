import { goldenFixtures } from '../runtime/testing/golden.ts';
import { wallet } from './kind.ts';

goldenFixtures(wallet, new URL('./fixtures/', import.meta.url), {
  KycRecorded: 1,
  TopUpOpened: 1,
  TopUpLapsed: 1,
  ToppedUp: 1,
  TopUpRefused: 1,
  CreditGranted: 1,
  CreditExpired: 1,
  MoneyHeld: 1,
  HoldReleased: 1,
  OrderPaid: 1,
  OrderRefunded: 1,
  ExpiryAwaited: 1,
});
