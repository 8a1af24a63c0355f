import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { HOSTED_CHECKOUT_CSP, hostedCheckoutPage } from './hosted-checkout.ts';
import { html, rupees } from './html.ts';

const order = {
  keyId: 'rzp_live_1',
  gatewayOrderId: 'order_IluGWxBm9U8zJ8',
  amount: 149_900,
  returnUrl: 'https://shop.example/pay/order_IluGWxBm9U8zJ8/done?a=1&b=2',
};

it('posts what Razorpay’s documents ask for to Razorpay', () => {
  const page = hostedCheckoutPage(order);
  expect(page).toContain('<form method="post" action="https://api.razorpay.com/v1/checkout/embedded">');
  const fields = [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
  expect(Object.fromEntries(fields)).toMatchObject({
    key_id: 'rzp_live_1',
    order_id: 'order_IluGWxBm9U8zJ8',
    amount: '149900',
    currency: 'INR',
    callback_url: 'https://shop.example/pay/order_IluGWxBm9U8zJ8/done?a=1&amp;b=2',
  });
});

it('runs exactly its own script and style, and posts nowhere else', () => {
  const page = hostedCheckoutPage(order);
  const hash = (tag: string) => {
    const text = page.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0] ?? '';
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  };
  expect(HOSTED_CHECKOUT_CSP.split('; ')).toEqual([
    "default-src 'none'",
    `style-src ${hash('style')}`,
    `script-src ${hash('script')}`,
    'form-action https://api.razorpay.com',
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]);
});

it('escapes all that is put in', () => {
  const evil = `"><script>alert('1')</script>&`;
  const page = hostedCheckoutPage({ ...order, returnUrl: evil, gatewayOrderId: evil });
  expect(page.match(/<script>/g)).toHaveLength(1);
  expect(page).toContain('&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;');
  expect(String(html`<p title="${evil}">${[html`<b>${'<'}</b>`, html`&`]}</p>`)).toBe(
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;"><b>&lt;</b>&</p>',
  );
});

it('writes rupees as India does', () => {
  expect([0, 5, 100, 12_345_678].map(rupees)).toEqual(['₹0.00', '₹0.05', '₹1.00', '₹1,23,456.78']);
});
