/** Our page that leads to PayU's, as the gateway serves it: for offers that we made, with the payer that they were made for. */
import type { PaymentId } from '../../../actors/ids.ts';
import type { Secrets } from '../secrets.ts';
import { isOffer, type Payer, type PayuForm, type PayuOffer, payuPages } from './payment-page.ts';
import { longOf } from './short-ids.ts';

export type PayuCheckout = {
  readonly policy: string;
  /** undefined: no transaction of ours. */
  readonly paymentOf: (offer: PayuOffer) => PaymentId | undefined;
  /** undefined: not an offer that we made for this payer. */
  readonly render: (offer: PayuOffer, payer: Payer) => string | undefined;
};

export function payuCheckout({ form, salts, pagesUrl }: { form: PayuForm; salts: Secrets; pagesUrl?: string }) {
  const { policy, render } = payuPages(form, pagesUrl);
  const checkout: PayuCheckout = {
    policy,
    paymentOf: ({ txnid }) => longOf('pay', txnid) as PaymentId | undefined,
    render: (offer, payer) => (isOffer(form, offer, salts(), payer) ? render(offer, payer) : undefined),
  };
  return checkout;
}
