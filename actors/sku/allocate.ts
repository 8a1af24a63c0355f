/** Which warehouse serves a line: the nearest that has all of it; several only when no one has. */
import type { Pincode, WarehouseId } from '../ids.ts';
import type { Allocation } from './sku.ts';

export type Free = { readonly warehouseId: WarehouseId; readonly pincode: Pincode; readonly free: number };

/**
 * Pincodes are regional from the left (zone, sub-zone, sorting district, then the post office), so the longer the
 * common prefix the nearer; among equals the numerically closer one, then the id, so that the choice is always the same.
 */
function byNearness(to: Pincode): (a: Free, b: Free) => number {
  const prefix = (of: Pincode): number => {
    let length = 0;
    while (length < to.length && of[length] === to[length]) length++;
    return length;
  };
  const distance = (of: Pincode): number => Math.abs(Number(of) - Number(to));
  return (a, b) =>
    prefix(b.pincode) - prefix(a.pincode) ||
    distance(a.pincode) - distance(b.pincode) ||
    (a.warehouseId < b.warehouseId ? -1 : 1);
}

/** undefined: all warehouses together do not have it. */
export function allocate(stock: readonly Free[], quantity: number, to: Pincode): readonly Allocation[] | undefined {
  const nearest = stock.filter(({ free }) => free > 0).sort(byNearness(to));
  const whole = nearest.find(({ free }) => free >= quantity);
  if (whole) return [{ warehouseId: whole.warehouseId, quantity }];
  const parts: Allocation[] = [];
  let missing = quantity;
  for (const { warehouseId, free } of nearest) {
    if (missing === 0) break;
    const part = Math.min(free, missing);
    parts.push({ warehouseId, quantity: part });
    missing -= part;
  }
  return missing === 0 ? parts : undefined;
}
