/** Small pages of our own. What is put into a template is escaped, always: only a template makes `Html`. */
import { createHash } from 'node:crypto';

export class Html {
  readonly #text: string;
  private constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
  static of(strings: TemplateStringsArray, values: readonly HtmlValue[]): Html {
    let text = strings[0] ?? '';
    values.forEach((value, index) => {
      text += render(value) + (strings[index + 1] ?? '');
    });
    return new Html(text);
  }
}

type HtmlValue = string | number | Html | readonly Html[];

/** For element content and for attribute values in double quotes; never inside `<script>` or `<style>`. */
export const html = (strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html => Html.of(strings, values);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(String).join('');
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

export type Page = {
  /** For `Content-Security-Policy`: nothing from outside, no framing, and exactly this style and this script. */
  readonly policy: string;
  readonly render: (title: string, body: Html) => string;
};

/** `style` and `script` are constants of the program, never made from data. `formAction` as in CSP. */
export function page(parts: { readonly style: string; readonly script?: string; readonly formAction: string }): Page {
  const { style, script, formAction } = parts;
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
  const head = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style>`;
  const end = `${script === undefined ? '' : `<script>${script}</script>`}</body></html>\n`;
  return { policy, render: (title, body) => `${head}${html`<title>${title}</title>`}</head>\n<body>${body}${end}` };
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const RUPEES = new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR' });
/** ₹1,23,456.78 */
export const rupees = (paise: number): string => RUPEES.format(paise / 100);
