/** The pages for people on the simulator: where they pay, and what was opened lately. No script, nothing from outside. */
import { html, page, rupees } from '../../stores/payments/html.ts';
import { isPaid, type OrderRecord } from './facts.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#16203a;--soft:#5d6880;--paper:#fff;--ground:#eef1f8;--line:#dfe4ee;--accent:#2b50d8;--on-accent:#fff;--good:#0a7d46;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e9edf7;--soft:#9aa6c0;--paper:#182034;--ground:#0e1422;--line:#2c374f;--accent:#8fa6ff;--on-accent:#0e1422;--good:#4fd193;--bad:#ff9a91}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.25rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
main{width:100%;max-width:25rem;background:var(--paper);border-radius:1.25rem;overflow:hidden;box-shadow:0 1px 2px #0001,0 1.5rem 3.5rem -1.5rem #0a174066}
header{display:flex;justify-content:space-between;align-items:center;padding:1.1rem 1.75rem;border-bottom:1px solid var(--line);font-weight:700;letter-spacing:-.01em}
header span{padding:.15rem .65rem;border-radius:1rem;background:#f5b94226;color:#9a6700;font-size:.75rem;font-weight:600;letter-spacing:0}
@media(prefers-color-scheme:dark){header span{color:#f5c25b}}
section{padding:1.75rem}
h1{margin:0;font-size:2.6rem;line-height:1.15;font-weight:700;letter-spacing:-.03em}
.to{margin:0;color:var(--soft)}
.id{margin:.35rem 0 1.5rem;color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}
.methods{display:grid;grid-template-columns:repeat(3,1fr);gap:.6rem;margin:0 0 1.25rem;padding:0;border:0}
legend{padding:0 0 .5rem;font-size:.85rem;font-weight:600}
label{position:relative;display:grid;place-items:center;padding:.85rem .25rem;border:1.5px solid var(--line);border-radius:.8rem;font-size:.9rem;font-weight:600;cursor:pointer}
label:has(:checked){border-color:var(--accent);color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
label:has(:focus-visible){outline:3px solid var(--accent);outline-offset:2px}
input{position:absolute;opacity:0}
button{width:100%;padding:.9rem;border:0;border-radius:.8rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:650;cursor:pointer}
button:hover{filter:brightness(1.08)}
button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button+button{margin-top:.6rem;background:none;color:var(--bad);font-weight:600}
.mark{display:grid;place-items:center;width:3.5rem;height:3.5rem;margin:0 0 1rem;border-radius:50%;background:var(--good);color:var(--paper);font-size:1.75rem;font-weight:700}
.failed .mark{background:var(--bad)}
.said{margin:1rem 0 0}
a{color:var(--accent);font-weight:600;text-decoration:none}
ul{margin:0;padding:0;list-style:none}
li{display:flex;justify-content:space-between;gap:1rem;padding:.7rem 0;border-top:1px solid var(--line);font-size:.9rem}
li:first-child{border:0}
footer{padding:0 1.75rem 1.5rem;color:var(--soft);font-size:.8rem}`;

const pages = page({ style: STYLE, formAction: "'self'" });
export const PAGE_CSP = pages.policy;

const frame = (title: string, content: ReturnType<typeof html>): string =>
  pages.render(
    `${title} · Haat payment simulator`,
    html`<main><header>Haat <span>Payment simulator</span></header>
${content}
<footer>No money moves here, and nothing that is secret is asked for.</footer></main>`,
  );

export const payPage = ({ id, amount }: OrderRecord): string =>
  frame(
    'Pay',
    html`<section><p class="to">To pay</p><h1>${rupees(amount)}</h1><p class="id">${id}</p>
<form method="post" action="/pay/${id}">
<fieldset class="methods"><legend>Pay with</legend>
<label><input type="radio" name="method" value="upi" checked>UPI</label>
<label><input type="radio" name="method" value="card">Card</label>
<label><input type="radio" name="method" value="netbanking">Netbanking</label></fieldset>
<button name="outcome" value="success">Pay ${rupees(amount)}</button>
<button name="outcome" value="failure">Let the payment fail</button>
</form></section>`,
  );

export const paidPage = ({ id, amount }: OrderRecord): string =>
  frame(
    'Paid',
    html`<section role="status"><p class="mark" aria-hidden="true">✓</p><p class="to">Paid</p><h1>${rupees(amount)}</h1>
<p class="id">${id}</p><p class="said">The shop is being told. You can close this page.</p></section>`,
  );

export const failedPage = ({ id, amount }: OrderRecord): string =>
  frame(
    'Failed',
    html`<section role="status" class="failed"><p class="mark" aria-hidden="true">!</p><p class="to">Payment failed, as you asked</p>
<h1>${rupees(amount)}</h1><p class="id">${id}</p>
<p class="said">The shop is being told. <a href="/pay/${id}">Try again</a></p></section>`,
  );

export const unknownPage = (): string =>
  frame('Unknown', html`<section><p class="to">There is no such order here.</p></section>`);

export const overviewPage = (orders: readonly OrderRecord[]): string =>
  frame(
    'Orders',
    orders.length === 0
      ? html`<section><p class="to">Nothing to pay yet. Orders of the shop appear here.</p></section>`
      : html`<section><p class="to">Opened last</p><ul>${orders.map(
          (order) =>
            html`<li><a href="/pay/${order.id}">${rupees(order.amount)}</a><span>${statusOf(order)}</span></li>`,
        )}</ul></section>`,
  );

const statusOf = (order: OrderRecord): string =>
  isPaid(order) ? 'paid' : order.payments.length > 0 ? 'failed' : 'to pay';
