import { ImpossibleEvent } from '../impossible-event.ts';
import type { EventMeta } from '../runtime/kind.ts';
import type { SaleEvent, SaleState } from './sale.ts';

export const initial = (): SaleState => ({ status: 'none' });

export function evolve(state: SaleState, event: SaleEvent, { at }: EventMeta): SaleState {
  if (event.type === 'SaleDeclared') {
    const { type: _, ...declared } = event;
    return { ...declared, status: 'declared', soldOut: [], declaredAt: at };
  }
  if (state.status === 'none' || state.status === 'refused') throw new ImpossibleEvent(event.type, state.status);
  switch (event.type) {
    case 'SaleStocked':
      return { ...state, status: 'stocked' };
    case 'SaleRefused':
      return { ...state, status: 'refused', short: event.short };
    case 'SaleOpened':
      return { ...state, status: 'open' };
    case 'ItemSoldOut':
      return { ...state, soldOut: [...state.soldOut, event.sku] };
    case 'ItemAvailable':
      return { ...state, soldOut: state.soldOut.filter((sku) => sku !== event.sku) };
    case 'SaleEnded':
      return { ...state, status: 'ended' };
    case 'SaleSettled':
      return { ...state, status: 'settled' };
    default:
      return event satisfies never;
  }
}
