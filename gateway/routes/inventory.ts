/** Stock by warehouse: operations see all, sellers their own SKUs. */

import type { Sku } from '../../actors/ids.ts';
import { warehouseById } from '../../config/warehouses.ts';
import type { Principal } from '../auth/access-tokens.ts';
import type { GatewayDeps } from '../deps.ts';
import {
  adjustment,
  inventory,
  inventoryDocument,
  ledgerPage,
  ledgerQuery,
  movementDocument,
  stockAtParams,
  stockLevel,
  stockParams,
} from '../documents/inventory.ts';
import { type Answer, answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { refuse } from '../problems.ts';
import { refusalOf } from '../refusals.ts';
import type { LiveSales } from '../sales/live-sales.ts';

const tag = 'Inventory';
const access = ['ops', 'admin', 'seller'] as const;
const answers = { 200: { description: 'The stock', schema: inventory, headers: ['ETag'] } } as const;
const UNKNOWN = refuse('unknown-sku');

type Parts = Pick<GatewayDeps, 'actors' | 'catalogue' | 'offers' | 'ledger'> & {
  readonly sales: Pick<LiveSales, 'holding'>;
};

export function inventoryRoutes({ actors, catalogue, offers, ledger, sales }: Parts): readonly Endpoint[] {
  /** The catalogue is asked last: what is on sale is in memory, and stock is kept while the database is away. */
  const mayHandle = async (sku: Sku, { role, sellerId }: Principal): Promise<boolean> => {
    const seller = (await offers.find(sku))?.sellerId ?? (await catalogue.sellerOf(sku));
    return seller !== undefined && (role !== 'seller' || seller === sellerId);
  };
  const shown = async (sku: Sku): Promise<Answer> => {
    const { view, version } = await actors.sku.read(sku);
    return answer(200, inventoryDocument(sku, view, version), { etag: versionTag(version) });
  };

  const onHandAt = async (sku: Sku, warehouseId: string): Promise<number> => {
    const { view } = await actors.sku.read(sku);
    return view.warehouses.find((stock) => stock.warehouseId === warehouseId)?.onHand ?? 0;
  };

  return [
    endpoint({
      method: 'GET',
      path: '/api/inventory/{sku}',
      tag,
      summary: 'The stock of a SKU',
      access,
      limit: 'operations',
      priority: 'second',
      params: stockParams,
      answers,
      problems: ['unknown-sku'],
      handle: async ({ params: { sku }, principal }) => ((await mayHandle(sku, principal)) ? shown(sku) : UNKNOWN),
    }),

    endpoint({
      method: 'PUT',
      path: '/api/inventory/{sku}/{warehouseId}',
      tag,
      summary: 'Set what is on hand in a warehouse, as counted',
      detail:
        'Not while units of the SKU are set aside for a flash sale (409 `stock-set-aside`): they lie on the same shelf and ' +
        'would be counted twice. Adjust it by what has come or gone instead.',
      access,
      limit: 'operations',
      priority: 'second',
      conditional: true,
      params: stockAtParams,
      body: stockLevel,
      answers,
      problems: ['unknown-sku', 'unknown-warehouse', 'below-reserved', 'stock-set-aside'],
      async handle({ params: { sku, warehouseId }, body: { onHand, reorderPoint }, principal, options }) {
        if (!(await mayHandle(sku, principal))) return UNKNOWN;
        const warehouse = warehouseById(warehouseId);
        if (warehouse === undefined) return refuse('unknown-warehouse', { detail: warehouseId });
        const inSales = sales.holding(sku);
        if (inSales.length > 0 && (await onHandAt(sku, warehouseId)) !== onHand) {
          return refuse('stock-set-aside', { detail: `For ${inSales.join(', ')}.`, extra: { sales: inSales } });
        }
        const level = { onHand, ...(reorderPoint === undefined ? {} : { reorderPoint }) };
        const { id, pincode } = warehouse;
        const outcome = await actors.sku(sku).setStock({ warehouseId: id, pincode, ...level }, options);
        return outcome.ok ? shown(sku) : refusalOf(outcome.rejection);
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/inventory/{sku}/{warehouseId}/adjustments',
      tag,
      summary: 'Add to or take from what is on hand',
      access,
      limit: 'operations',
      priority: 'second',
      conditional: true,
      params: stockAtParams,
      body: adjustment,
      answers,
      problems: ['unknown-sku', 'unknown-warehouse', 'below-reserved'],
      async handle({ params: { sku, warehouseId }, body, principal, intent, options }) {
        if (!(await mayHandle(sku, principal))) return UNKNOWN;
        const outcome = await actors
          .sku(sku)
          .adjustStock({ warehouseId, ...body }, { ...options, commandId: `adjust:${intent.seed}` });
        return outcome.ok ? shown(sku) : refusalOf(outcome.rejection);
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/inventory/{sku}/ledger',
      tag,
      summary: 'Every movement of a SKU’s stock, newest first',
      access,
      limit: 'operations',
      priority: 'third',
      params: stockParams,
      query: ledgerQuery,
      answers: { 200: { description: 'Movements, from the event stream', schema: ledgerPage } },
      problems: ['unknown-sku', 'invalid-cursor'],
      async handle({ params: { sku }, query: { limit, cursor }, principal }) {
        if (!(await mayHandle(sku, principal))) return UNKNOWN;
        const page = await ledger.of(sku, { limit, ...(cursor === undefined ? {} : { cursor }) });
        return answer(200, { data: page.data.map(movementDocument), nextCursor: page.nextCursor });
      },
    }),
  ];
}
