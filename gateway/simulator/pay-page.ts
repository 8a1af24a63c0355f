/** The page at which a person pays, on the simulator. No script, nothing from outside. */
import type { Order } from './entities.ts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const rupees = (amount: number): string =>
  (amount / 100).toLocaleString('en-IN', { style: 'currency', currency: 'INR' });

export const PAGE_CSP = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · Haat payment simulator</title>
    <style>
      :root { color-scheme: light dark; --ink: #14213d; --paper: #fff; --line: #d9dee8; --good: #0a7d46; --bad: #b3261e }
      @media (prefers-color-scheme: dark) { :root { --ink: #e8ecf5; --paper: #1a2133; --line: #36405a; --good: #2fbf7f; --bad: #ff8a80 } }
      * { box-sizing: border-box }
      body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; color: var(--ink);
        background: linear-gradient(160deg, #f7f2e8, #dfe9f7); font: 16px/1.5 system-ui, sans-serif }
      @media (prefers-color-scheme: dark) { body { background: linear-gradient(160deg, #101522, #1c2a44) } }
      main { width: 100%; max-width: 24rem; background: var(--paper); border-radius: 1rem; padding: 1.75rem;
        box-shadow: 0 1rem 3rem #0003 }
      header { display: flex; justify-content: space-between; align-items: center; font-weight: 600 }
      header small { font-weight: 500; font-size: .75rem; padding: .15rem .6rem; border: 1px solid var(--line); border-radius: 1rem }
      .amount { font-size: 2.25rem; font-weight: 700; margin: 1.25rem 0 0; font-variant-numeric: tabular-nums }
      .order { margin: 0 0 1.25rem; opacity: .7; font-size: .85rem; overflow-wrap: anywhere }
      fieldset { border: 1px solid var(--line); border-radius: .75rem; margin: 0 0 1.25rem; padding: .25rem 1rem }
      label { display: flex; gap: .75rem; align-items: center; padding: .6rem 0; cursor: pointer }
      label + label { border-top: 1px solid var(--line) }
      legend { font-size: .8rem; padding: 0 .4rem; opacity: .7 }
      button { width: 100%; font: inherit; font-weight: 600; padding: .8rem; border-radius: .75rem; cursor: pointer;
        border: 2px solid var(--good); background: var(--good); color: var(--paper) }
      button + button { margin-top: .6rem; background: none; border-color: var(--line); color: var(--bad) }
      button:focus-visible, input:focus-visible { outline: 3px solid #4c8dff; outline-offset: 2px }
      footer { margin-top: 1.25rem; font-size: .8rem; opacity: .7; text-align: center }
    </style>
  </head>
  <body>
    <main>
      <header>Haat <small>payment simulator</small></header>
${content}
      <footer>No money moves here. Never type a real card number anywhere on a simulator.</footer>
    </main>
  </body>
</html>
`;

const about = ({ id, amount }: Order): string => `      <p class="amount">${escaped(rupees(amount))}</p>
      <p class="order">Order ${escaped(id)}</p>`;

export const payPage = (order: Order): string =>
  page(
    'Pay',
    `${about(order)}
      <form method="post" action="/pay/${escaped(order.id)}">
        <fieldset>
          <legend>Pay by</legend>
          <label><input type="radio" name="method" value="upi" checked> UPI</label>
          <label><input type="radio" name="method" value="card"> Card</label>
          <label><input type="radio" name="method" value="netbanking"> Netbanking</label>
        </fieldset>
        <button name="outcome" value="success">Pay ${escaped(rupees(order.amount))}</button>
        <button name="outcome" value="failure">Let it fail</button>
      </form>`,
  );

export const paidPage = (order: Order, outcome: 'success' | 'failure'): string =>
  page(
    outcome === 'success' ? 'Paid' : 'Failed',
    `${about(order)}
      <p role="status">${outcome === 'success' ? 'Paid. The shop has been told; you can close this page.' : 'The payment failed, as you asked. The shop has been told.'}</p>`,
  );
