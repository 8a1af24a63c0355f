/** Whether an offer is for this order at all. The first reason against it, in the order in which a person would ask. */
import { type Paise, paise, sum, times } from '../../ids.ts';
import type { PricedItem, PriceRequest } from '../request.ts';
import type { Offer, OfferRefusal, Scope } from './offer.ts';

export type Ineligible = { readonly reason: OfferRefusal; readonly missing?: Paise };

const begins = (path: readonly string[], beginning: readonly string[]): boolean =>
  beginning.every((name, depth) => path[depth] === name);

export function inScope(item: PricedItem, { categories, brands, sellers, skus, exceptSkus }: Scope): boolean {
  if (exceptSkus?.includes(item.sku)) return false;
  if (skus && !skus.includes(item.sku)) return false;
  if (sellers && !sellers.includes(item.sellerId)) return false;
  if (brands && !(item.brand !== null && brands.includes(item.brand))) return false;
  return !categories || categories.some((path) => begins(item.category, path));
}

export function ineligible(offer: Offer, request: PriceRequest): Ineligible | undefined {
  const reason = untimely(offer, request) ?? unfit(offer, request);
  if (reason !== undefined) return { reason };
  const items = request.items.filter((item) => inScope(item, offer.scope));
  if (items.length === 0) return { reason: 'no-eligible-items' };
  const value = sum(items.map(({ unitPrice, quantity }) => times(unitPrice, quantity)));
  const { minimum, benefit } = offer;
  if (minimum !== undefined && value < minimum) return { reason: 'below-minimum', missing: paise(minimum - value) };
  const units = items.reduce((count, { quantity }) => count + quantity, 0);
  if (benefit.type === 'buy-x-get-y' && units < benefit.buy + benefit.get) return { reason: 'too-few-items' };
  return undefined;
}

function untimely(offer: Offer, { at, outOfReach }: PriceRequest): OfferRefusal | undefined {
  if (at < offer.startsAt) return 'offer-not-started';
  if (at >= offer.endsAt) return 'offer-ended';
  return outOfReach?.[offer.id];
}

function unfit({ audience, payment }: Offer, request: PriceRequest): OfferRefusal | undefined {
  const { orders, segments } = request.customer;
  if (audience?.firstOrder && orders > 0) return 'not-first-order';
  if (audience?.segments && !audience.segments.some((segment) => segments.includes(segment))) return 'not-in-segment';
  if (payment === undefined) return undefined;
  const { method, bank } = request.payment ?? {};
  if (method === undefined || !payment.methods.includes(method)) return 'payment-method-not-eligible';
  if (payment.banks && !(bank !== undefined && payment.banks.includes(bank))) return 'bank-not-eligible';
  return undefined;
}
