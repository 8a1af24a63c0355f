/** Every sale as its stream has it: see state-feed.ts. */
import { sale } from '../../actors/flash-sale/kind.ts';
import type { SaleState } from '../../actors/flash-sale/sale.ts';
import type { SaleId } from '../../actors/ids.ts';
import { followStates, type StateFeed, type StateFeedOptions } from '../state-feed.ts';

export type SalesFeedOptions = Pick<StateFeedOptions<SaleState>, 'nc' | 'eventLog' | 'log'> & {
  /** The same state may come again, and never an older one after a newer. */
  readonly onSale: (id: SaleId, state: SaleState, version: number) => void;
};

/** Resolves when all that was declared so far is known. Rejects when nothing comes for five seconds before that. */
export function followSales({ onSale, ...from }: SalesFeedOptions): Promise<StateFeed> {
  const onState = (id: string, state: SaleState, version: number): void => onSale(id as SaleId, state, version);
  return followStates(sale, { ...from, onState, interrupted: 'sales-feed-interrupted' });
}
