/**
 * What the demo shop sells: families of products, each with its makers and its lines; `generate.ts` crosses them.
 * All names are invented.
 */

export type Maker = { readonly name: string; readonly says: string };
export type Line = { readonly name: string; readonly says: string };
export type Family = {
  readonly category: readonly [string, string];
  readonly noun: string;
  /** Of every product of the family. */
  readonly note: string;
  /** Of the variants: two colours of the list for each product, and all of the other choice. */
  readonly colours: readonly string[];
  /** The attribute's name, where it is not colours that are listed. */
  readonly coloursAre?: string;
  readonly choice?: { readonly name: string; readonly values: readonly string[] };
  readonly attributes: Readonly<Record<string, string>>;
  /** Selling price in rupees, from and to. */
  readonly rupees: readonly [number, number];
  readonly makers: readonly Maker[];
  readonly lines: readonly Line[];
};

export const maker = (name: string, says: string): Maker => ({ name, says });
export const line = (name: string, says: string): Line => ({ name, says });
