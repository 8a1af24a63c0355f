/** Stock on the wire. */
import { z } from 'zod';
import type { SkuView } from '../../actors/sku/sku.ts';
import type { LedgerEntry } from '../../stores/projections/port.ts';
import { cursor, instant, isoTime, limit, pageOf, sku, text, version, warehouseId } from './scalars.ts';

/** Ten million units of one thing in one place. */
const MAX_UNITS = 10_000_000;

export const stockLevel = z
  .strictObject({
    onHand: z.int().min(0).max(MAX_UNITS),
    reorderPoint: z.int().min(0).max(MAX_UNITS).optional(),
  })
  .meta({ id: 'StockLevel' });
export const adjustment = z
  .strictObject({
    delta: z
      .int()
      .min(-MAX_UNITS)
      .max(MAX_UNITS)
      .refine((delta) => delta !== 0, { error: 'Must not be 0' }),
    reason: text(500),
  })
  .meta({ id: 'StockAdjustment', examples: [{ delta: -2, reason: 'damaged in transit' }] });

export const stockParams = z.object({ sku });
export const stockAtParams = z.object({ sku, warehouseId });
export const ledgerQuery = z.strictObject({ limit, cursor });

export const inventory = z
  .object({
    sku: z.string(),
    warehouses: z.array(
      z.object({
        warehouseId: z.string(),
        onHand: z.int(),
        available: z.int(),
        reserved: z.int(),
        reorderPoint: z.int(),
      }),
    ),
    available: z.int(),
    reserved: z.int(),
    version,
  })
  .meta({ id: 'Inventory' });

const movement = z
  .object({
    version,
    at: instant,
    type: z.string(),
    warehouseId: z.string().nullable(),
    quantity: z.int(),
    orderId: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'StockMovement' });
export const ledgerPage = pageOf(movement).meta({ id: 'StockLedgerPage' });

export const inventoryDocument = (of: string, view: SkuView, skuVersion: number) => ({
  sku: of,
  warehouses: view.warehouses,
  available: view.available,
  reserved: view.reserved,
  version: skuVersion,
});

export const movementDocument = (entry: LedgerEntry) => ({ ...entry, at: isoTime(entry.at) });
