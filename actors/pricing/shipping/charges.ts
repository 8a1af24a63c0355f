/** What it costs to have it brought: each seller's parcel by weight and zone; the whole is free from a threshold on. */
import { type Paise, paise, type SellerId, sum } from '../../ids.ts';
import { type Place, type Zone, zoneOf } from './zones.ts';

type Slabs = { readonly first: Paise; readonly further: Paise };

/** Prices contain the tax. `slabGrams`: begun ones count. */
export type ShippingRates = {
  readonly slabGrams: number;
  readonly zones: Readonly<Record<Zone, Slabs>>;
  /** Of goods, after discounts. */
  readonly freeFrom: Paise;
  readonly codFee: Paise;
};

const slabs = (first: number, further: number): Slabs => ({ first: paise(first * 100), further: paise(further * 100) });

export const SHIPPING_RATES: ShippingRates = {
  slabGrams: 500,
  zones: {
    local: slabs(40, 15),
    state: slabs(45, 20),
    metro: slabs(55, 30),
    regional: slabs(50, 25),
    rest: slabs(60, 35),
    special: slabs(80, 50),
  },
  freeFrom: paise(499_00),
  codFee: paise(29_00),
};

export type ShippedLine = { readonly sellerId: SellerId; readonly origin: Place; readonly grams: number };

export type Parcel = {
  readonly sellerId: SellerId;
  readonly from: Place;
  readonly zone: Zone;
  readonly grams: number;
  readonly charge: Paise;
};

/** One parcel for what a seller sends from one place. In the order of seller and pincode, whatever the lines' is. */
export function parcelsOf(lines: readonly ShippedLine[], to: Place, rates: ShippingRates): readonly Parcel[] {
  const weights = new Map<string, { sellerId: SellerId; from: Place; grams: number }>();
  for (const { sellerId, origin, grams } of lines) {
    const key = `${sellerId} ${origin.pincode}`;
    const parcel = weights.get(key);
    weights.set(key, { sellerId, from: origin, grams: (parcel?.grams ?? 0) + grams });
  }
  return [...weights]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, parcel]) => {
      const zone = zoneOf(parcel.from, to);
      const { first, further } = rates.zones[zone];
      const more = Math.max(0, Math.ceil(parcel.grams / rates.slabGrams) - 1);
      return { ...parcel, zone, charge: paise(first + further * more) };
    });
}

/** Nothing from the threshold on. */
export const shippingOf = (parcels: readonly Parcel[], goods: Paise, { freeFrom }: ShippingRates): Paise =>
  goods >= freeFrom ? paise(0) : sum(parcels.map(({ charge }) => charge));
