/** The demo shop's products: every family's makers crossed with its lines. The same every time. */
import type { Paise, ProductId, SellerId, Sku } from '../../../actors/ids.ts';
import { idFrom } from '../../../config/ids.ts';
import { hash32 } from '../../../config/subjects.ts';
import type { ProductDraft, Variant } from '../port.ts';
import type { SkuStock } from '../stock.ts';
import { EVERYDAY } from './everyday.ts';
import type { Family, Line, Maker } from './family.ts';
import { HOME } from './home.ts';
import { WEAR } from './wear.ts';

export type DemoProduct = { readonly id: ProductId; readonly draft: ProductDraft };

/** The time part of the demo's ids. */
export const DEMO_TIME = Date.UTC(2026, 0, 1);
export const DEMO_SELLER: SellerId = idFrom('sel', 'demo', DEMO_TIME);
/** A second shop, so that "my own products" and "somebody else's" both exist. */
export const OTHER_SELLER: SellerId = idFrom('sel', 'demo-other', DEMO_TIME);

export const demoProducts = (): readonly DemoProduct[] =>
  [...WEAR, ...HOME, ...EVERYDAY].flatMap((family) =>
    family.makers.flatMap((maker) => family.lines.map((line) => product(family, maker, line))),
  );

function product(family: Family, maker: Maker, line: Line): DemoProduct {
  const name = `${maker.name} ${line.name} ${family.noun}`;
  const price = priceOf(family, name);
  const draft: ProductDraft = {
    name,
    description: `${line.says} ${family.note} ${maker.says}`,
    brand: maker.name,
    category: family.category,
    sellerId: hash32(maker.name) % 3 === 0 ? OTHER_SELLER : DEMO_SELLER,
    attributes: { ...family.attributes, Line: line.name },
    images: [],
    variants: variantsOf(family, maker, line, price),
    status: 'active',
  };
  return { id: idFrom('prd', `demo:${name}`, DEMO_TIME), draft };
}

/** In rupees that end in 9, somewhere in the family's range. */
function priceOf({ rupees: [from, to] }: Family, name: string): number {
  const share = (hash32(name) % 1_000) / 1_000;
  return Math.floor((from + share * share * (to - from)) / 10) * 10 + 9;
}

function variantsOf(family: Family, maker: Maker, line: Line, price: number): readonly Variant[] {
  const start = hash32(maker.name + line.name) % family.colours.length;
  const colours = [...family.colours.slice(start), ...family.colours.slice(0, start)].slice(0, 2);
  const steps = family.choice?.values ?? [undefined];
  const base = [family.category[1], maker.name, line.name].map((words) => code(words, 5)).join('-');
  // The larger is dearer where the choice is one of quantity, not of fit.
  const rise = family.choice === undefined || family.choice.name === 'Size' ? 0 : 0.35;
  return colours.flatMap((colour) =>
    steps.map((value, step): Variant => {
      const rupees = Math.round((price * (1 + rise * step)) / 10) * 10 - 1;
      return {
        sku: [base, code(colour, 4), ...(value === undefined ? [] : [code(value, 6)])].join('-') as Sku,
        attributes: {
          [family.coloursAre ?? 'Colour']: colour,
          ...(family.choice !== undefined && value !== undefined ? { [family.choice.name]: value } : {}),
        },
        mrp: (Math.ceil((rupees * (1.1 + (hash32(base) % 5) / 20)) / 50) * 5_000) as Paise,
        price: (rupees * 100) as Paise,
      };
    }),
  );
}

const code = (words: string, length: number): string =>
  words
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, length);

/** Mostly plenty; one SKU in twelve low, one in twenty-five out. */
export function demoStock(sku: Sku): SkuStock {
  const hash = hash32(`stock:${sku}`);
  if (hash % 25 === 0) return { sku, units: 0 };
  if (hash % 12 === 0) return { sku, units: 1 + (hash % 4) };
  return { sku, units: 40 + (hash % 160) };
}
