/** The bank's page on the simulator, and the page that leads back to the shop. */
import { html, page, rupees } from '../../../stores/payments/html.ts';
import type { Transaction } from './facts.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#16203a;--soft:#5d6880;--paper:#fff;--ground:#eef1f8;--accent:#0b6b53;--on-accent:#fff;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e9edf7;--soft:#9aa6c0;--paper:#182034;--ground:#0e1422;--accent:#5fd3b3;--on-accent:#0e1422;--bad:#ff9a91}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.25rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{width:100%;max-width:25rem;padding:1.75rem;border-radius:1.25rem;background:var(--paper);box-shadow:0 1.5rem 3.5rem -1.5rem #0a174066}
h1{margin:0;font-size:2.4rem;line-height:1.2}
p{margin:0 0 1rem;color:var(--soft);overflow-wrap:anywhere}
button{width:100%;padding:.9rem;border:0;border-radius:.8rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:650;cursor:pointer}
button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button+button{margin-top:.6rem;background:none;color:var(--bad)}`;

const bank = page({ style: STYLE, formAction: "'self'" });
export const BANK_CSP = bank.policy;

export const bankPage = ({ posted, amount }: Transaction): string =>
  bank.render(
    'Netbanking · Haat payment simulator',
    html`<main><p>PayU · netbanking · simulated</p><h1>${rupees(amount)}</h1><p>${posted.productinfo} · ${posted.txnid}</p>
<form method="post" action="/payu/pay/${posted.txnid}"><button name="outcome" value="success">Pay ${rupees(amount)}</button>
<button name="outcome" value="failure">Let the payment fail</button></form></main>`,
  );

/** By POST from the customer's browser, as PayU does. */
export function returnPage(url: string, fields: Readonly<Record<string, string>>): { html: string; policy: string } {
  const back = page({ style: STYLE, script: 'document.forms[0].submit()', formAction: new URL(url).origin });
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const body = html`<main><form method="post" action="${url}">${inputs}<p>Back to the shop…</p><button>Continue</button></form></main>`;
  return { html: back.render('Back to the shop', body), policy: back.policy };
}
