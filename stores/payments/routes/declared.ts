/** What each gateway takes, as a shop of this size is quoted, with GST of 18 % on it; a contract changes these lines. */
import { paise } from '../../../actors/ids.ts';
import type { DeclaredGateway } from './rank.ts';

const free = { basisPoints: 0, flat: paise(0) };

export const DECLARED_GATEWAYS: readonly DeclaredGateway[] = [
  {
    name: 'razorpay',
    // 2 %; UPI carries no charge by law. Nothing below a rupee is taken.
    charges: {
      upi: free,
      card: { basisPoints: 236, flat: paise(0) },
      netbanking: { basisPoints: 236, flat: paise(0) },
    },
    least: paise(100),
  },
  // By the payment, not by the amount: cheaper than a share of it from about ₹900 on.
  { name: 'payu', charges: { netbanking: { basisPoints: 0, flat: paise(2_124) } }, least: paise(100) },
  {
    name: 'pay-later',
    charges: { paylater: { basisPoints: 295, flat: paise(0) } },
    least: paise(100),
    most: paise(2_500_000),
  },
  { name: 'cod', charges: { cod: free } },
];
