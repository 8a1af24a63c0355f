/**
 * The page at which a customer of PayU arrives first: a form that sends itself to PayU's hosted checkout, with a button
 * where scripts do not run. https://docs.payu.in/docs/prebuilt-checkout-page-integration
 */
import { html, page } from '../html.ts';
import { type Fields, requestHash } from './hashes.ts';

const STYLE = `
:root{color-scheme:light dark;--ink:#14213d;--paper:#fff;--ground:#f3f5fa;--accent:#2b50d8}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf5;--paper:#1a2133;--ground:#101522;--accent:#8fa6ff}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
form{width:min(24rem,100vw - 4rem);padding:2rem;border-radius:1rem;background:var(--paper);text-align:center;box-shadow:0 1rem 3rem #0002}
button{width:100%;padding:.8rem;border:0;border-radius:.75rem;background:var(--accent);color:var(--paper);font:inherit;font-weight:600;cursor:pointer}
button:focus-visible{outline:3px solid var(--accent);outline-offset:3px}`;

/** Default: PayU itself. */
export const PAYU_PAGES = 'https://secure.payu.in';

export type PayuForm = {
  readonly key: string;
  /** Where PayU sends the customer afterwards, by POST with the fields of the webhook. */
  readonly returnUrl: string;
  /** PayU's form needs the three. The shop's own, where the customer's are not known. */
  readonly firstname: string;
  readonly email: string;
  readonly phone: string;
};

/** Who pays, as the order has it. Not in the address of the page: it is read again when the page is asked for. */
export type Payer = { readonly name: string; readonly phone: string };

/** The shop's form with the payer in it. PayU takes Latin letters and digits; of a name that has none, the shop's stands. */
function formOf(form: PayuForm, payer: Payer | undefined): PayuForm {
  const firstname =
    payer?.name
      .replace(/[^A-Za-z0-9 ]/g, '')
      .trim()
      .slice(0, 60) || form.firstname;
  const phone = payer !== undefined && /^[6-9]\d{9}$/.test(payer.phone) ? payer.phone : form.phone;
  return { ...form, firstname, phone };
}

/**
 * What stands in the address of our page: the hash fixes the amount, so that whoever changes it is refused by PayU, and the
 * page needs neither the salt nor a look-up.
 */
export type PayuOffer = { readonly txnid: string; readonly amount: string; readonly hash: string };

export const offerOf = (form: PayuForm, txnid: string, amount: string, salt: string, payer?: Payer): PayuOffer => ({
  txnid,
  amount,
  hash: requestHash(fieldsOf(formOf(form, payer), txnid, amount), salt),
});

/** Whether we made it, for this payer: who they are is shown to nobody else. */
export const isOffer = (form: PayuForm, { txnid, amount, hash }: PayuOffer, salts: readonly string[], payer?: Payer) =>
  salts.some((salt) => offerOf(form, txnid, amount, salt, payer).hash === hash);

/** As they are sent to `_payment`. */
export function formFields(
  form: PayuForm,
  { txnid, amount, hash }: PayuOffer,
  payer?: Payer,
): Readonly<Record<string, string>> {
  const filled = formOf(form, payer);
  return {
    ...fieldsOf(filled, txnid, amount),
    phone: filled.phone,
    surl: form.returnUrl,
    furl: form.returnUrl,
    enforce_paymethod: 'netbanking',
    hash,
  };
}

const fieldsOf = (
  { key, firstname, email }: PayuForm,
  txnid: string,
  amount: string,
): Fields & Record<string, string> => ({
  key,
  txnid,
  amount,
  productinfo: 'Order',
  firstname,
  email,
});

export function payuPages(form: PayuForm, pagesUrl = PAYU_PAGES) {
  const document = page({ style: STYLE, script: 'document.forms[0].submit()', formAction: new URL(pagesUrl).origin });
  return {
    policy: document.policy,
    render(offer: PayuOffer, payer?: Payer): string {
      const inputs = Object.entries(formFields(form, offer, payer)).map(
        ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
      );
      return document.render(
        'Pay for your order · Haat',
        html`<form method="post" action="${pagesUrl}/_payment">${inputs}<p>Taking you to PayU to pay…</p>
<button>Continue to payment</button></form>`,
      );
    },
  };
}
