/**
 * A SKU's movements from its own history, newest first. Streams are read forwards, so a page is looked for in windows
 * of the stream that go back from where the last page ended, small ones first: a SKU that sells all the time is found
 * in the first, one that seldom sells in a few larger ones, and no page reads the whole history of a hot SKU.
 */
import type { Sku } from '../../actors/ids.ts';
import { decodeCommit } from '../../actors/runtime/commit-encoding.ts';
import type { Parcel } from '../../actors/sku/buckets/transfers.ts';
import { sku as kind } from '../../actors/sku/kind.ts';
import type { SkuEvent } from '../../actors/sku/sku.ts';
import { streamOf, subjects } from '../../config/subjects.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { EventLog, LogMessage } from '../event-log.ts';
import type { LedgerEntry, StockLedger } from './port.ts';

/** Messages of the stream, those of other SKUs among them. */
const FIRST_WINDOW = 1_024;
const LIST = 'stock-ledger';

/** `index`: among the movements of its commit. */
type Movement = { readonly sequence: number; readonly index: number; readonly entry: LedgerEntry };

export function createStockLedger(log: Pick<EventLog, 'last' | 'read'>): StockLedger {
  return {
    async of(sku, { limit, cursor }) {
      const place = cursor === undefined ? undefined : decodeCursor(cursor, LIST, ['integer', 'integer']).map(Number);
      const sequence = place?.[0] ?? (await lastOf(log, sku));
      const shown = place?.[1] ?? Number.POSITIVE_INFINITY;
      const movements = await before(log, sku, { sequence, index: shown }, limit + 1);
      const page = movements.slice(0, limit);
      const last = page.at(-1);
      const more = movements.length > limit && last !== undefined;
      return {
        data: page.map(({ entry }) => entry),
        nextCursor: more ? encodeCursor(LIST, [last.sequence, last.index]) : null,
      };
    },
  };
}

async function lastOf(log: Pick<EventLog, 'last'>, sku: Sku): Promise<number> {
  return (await log.last(streamOf('sku'), subjects.actor('sku', sku)))?.sequence ?? 0;
}

/** The `most` newest movements before `place`, newest first. */
async function before(
  log: Pick<EventLog, 'read'>,
  sku: Sku,
  place: { readonly sequence: number; readonly index: number },
  most: number,
): Promise<readonly Movement[]> {
  const found: Movement[] = [];
  let end = place.sequence + 1;
  for (let size = FIRST_WINDOW; end > 1 && found.length < most; size *= 8) {
    const start = Math.max(1, end - size);
    const messages = await log.read(streamOf('sku'), subjects.actor('sku', sku), start, end);
    const movements = messages.flatMap(movementsOf);
    for (const movement of movements.toReversed()) {
      const known = movement.sequence === place.sequence && movement.index >= place.index;
      if (!known && found.length < most) found.push(movement);
    }
    end = start;
  }
  return found;
}

function movementsOf({ data, sequence }: LogMessage): readonly Movement[] {
  const { from, entries } = decodeCommit(data);
  let version = from - 1;
  return entries
    .flatMap(({ events, at }) =>
      events.flatMap((stored) => {
        version += 1;
        const event = kind.upcast === undefined ? (stored as SkuEvent) : kind.upcast(stored);
        return entriesOf(event).map((moved) => ({ version, at, type: event.type, ...moved }));
      }),
    )
    .map((entry, index) => ({ sequence, index, entry }));
}

type Moved = Pick<LedgerEntry, 'warehouseId' | 'quantity' | 'orderId' | 'reason'>;

function entriesOf(event: SkuEvent): readonly Moved[] {
  switch (event.type) {
    case 'StockSet':
      return [{ warehouseId: event.warehouseId, quantity: event.delta, orderId: null, reason: null }];
    case 'StockAdjusted':
      return [{ warehouseId: event.warehouseId, quantity: event.delta, orderId: null, reason: event.reason }];
    case 'StockReserved':
      return allocated(event, 1, null);
    case 'StockCommitted':
    case 'StockReleased':
    case 'HoldLapsed':
      return allocated(event, -1, null);
    case 'StockRestocked':
      return allocated(event, 1, event.reference);
    case 'StockSent':
      return moved(event.units, -1, `to ${event.to}`);
    case 'StockArrived':
      return moved(event.units, 1, `from ${event.from}`);
    case 'ReorderPointReached':
    case 'TransferCompleted':
    case 'BucketOpened':
    case 'BucketClosed':
      return [];
    default:
      return event satisfies never;
  }
}

const allocated = (
  { orderId, allocations }: Extract<SkuEvent, { readonly allocations: unknown }>,
  sign: 1 | -1,
  reason: string | null,
): readonly Moved[] =>
  allocations.map(({ warehouseId, quantity }) => ({ warehouseId, quantity: sign * quantity, orderId, reason }));

const moved = (units: readonly Parcel[], sign: 1 | -1, reason: string): readonly Moved[] =>
  units.map(({ warehouseId, quantity }) => ({ warehouseId, quantity: sign * quantity, orderId: null, reason }));
