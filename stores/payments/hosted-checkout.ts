/**
 * The page at which a customer of the real Razorpay arrives first: a form that leads to Razorpay's hosted checkout.
 * No card number ever comes near us. https://razorpay.com/docs/payments/payment-gateway/web-integration/hosted
 */
const ENDPOINT = 'https://api.razorpay.com';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export const HOSTED_CHECKOUT_CSP = `default-src 'none'; style-src 'unsafe-inline'; form-action ${ENDPOINT}`;

export type HostedCheckout = {
  readonly keyId: string;
  readonly gatewayOrderId: string;
  readonly returnUrl: string;
};

export function hostedCheckoutPage({ keyId, gatewayOrderId, returnUrl }: HostedCheckout): string {
  const fields = {
    key_id: keyId,
    order_id: gatewayOrderId,
    name: 'Haat',
    callback_url: returnUrl,
    cancel_url: returnUrl,
  };
  const inputs = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
    .join('\n      ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Pay for your order · Haat</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0 }
      button { font: inherit; padding: .75rem 2rem; border: 0; border-radius: .5rem; background: #0b5; color: #fff }
    </style>
  </head>
  <body>
    <form method="post" action="${ENDPOINT}/v1/checkout/embedded">
      ${inputs}
      <button>Continue to payment</button>
    </form>
  </body>
</html>
`;
}
