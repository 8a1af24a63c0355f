/**
 * The page at which a customer of the real Razorpay arrives first: a form that sends itself to Razorpay's hosted
 * checkout, with a button where scripts do not run. No card number ever comes near us.
 * https://razorpay.com/docs/payments/payment-gateway/web-integration/hosted/integration-steps
 */
import { html, page } from './html.ts';

const RAZORPAY = 'https://api.razorpay.com';

export type HostedCheckout = {
  readonly keyId: string;
  readonly gatewayOrderId: string;
  /** Paise. Razorpay holds it against its order; its documents want it given. */
  readonly amount?: number;
  /** The way to pay that the customer has chosen already; the page opens there. */
  readonly method?: 'upi' | 'card' | 'netbanking';
  /** Where Razorpay sends the customer afterwards: by POST when a payment was tried, by GET when it was not. */
  readonly returnUrl: string;
};

const STYLE = `
:root{color-scheme:light dark;--ink:#14213d;--paper:#fff;--ground:#f3f5fa;--accent:#2b50d8}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf5;--paper:#1a2133;--ground:#101522;--accent:#8fa6ff}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
form{width:min(24rem,100vw - 4rem);padding:2rem;border-radius:1rem;background:var(--paper);text-align:center;box-shadow:0 1rem 3rem #0002}
button{width:100%;padding:.8rem;border:0;border-radius:.75rem;background:var(--accent);color:var(--paper);font:inherit;font-weight:600;cursor:pointer}
button:focus-visible{outline:3px solid var(--accent);outline-offset:3px}`;

const document = page({
  style: STYLE,
  script: 'document.forms[0].submit()',
  formAction: RAZORPAY,
});

export const HOSTED_CHECKOUT_CSP = document.policy;

export function hostedCheckoutPage({ keyId, gatewayOrderId, amount, method, returnUrl }: HostedCheckout): string {
  const fields = {
    key_id: keyId,
    order_id: gatewayOrderId,
    ...(amount === undefined ? {} : { amount }),
    ...(method === undefined ? {} : { 'prefill[method]': method }),
    currency: 'INR',
    name: 'Haat',
    callback_url: returnUrl,
    cancel_url: returnUrl,
  };
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return document.render(
    'Pay for your order · Haat',
    html`<form method="post" action="${RAZORPAY}/v1/checkout/embedded">${inputs}<p>Taking you to Razorpay to pay…</p>
<button>Continue to payment</button></form>`,
  );
}
