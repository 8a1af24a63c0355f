/** Flash sales: declared and ended by operations, looked at by everybody. What is shown is in this gateway's memory. */
import type { DeclaredSale } from '../../actors/flash-sale/sale.ts';
import type { SaleId } from '../../actors/ids.ts';
import { idFrom } from '../../config/ids.ts';
import { decodeCursor, encodeCursor } from '../../stores/cursor.ts';
import type { GatewayDeps } from '../deps.ts';
import {
  bucketsFor,
  sale,
  saleCardDocument,
  saleDocument,
  saleInput,
  salePage,
  saleParams,
  saleQuery,
  shownStatus,
} from '../documents/sales.ts';
import { answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { type FieldError, type Refusal, refuse } from '../problems.ts';
import type { KnownSale, LiveSales } from '../sales/live-sales.ts';
import { type ItemStock, StockLeft } from '../sales/stock-left.ts';

const tag = 'Sales';
const MANAGERS = ['ops', 'admin'] as const;
const LIST = 'sales';
const SET_ASIDE_MS = 8_000;

type Parts = Pick<GatewayDeps, 'actors' | 'offers'> & { readonly sales: LiveSales };
type Items = DeclaredSale['items'];

export function saleRoutes({ actors, offers, sales }: Parts): readonly Endpoint[] {
  const stockLeft = new StockLeft(actors);

  const shown = async (code: number, known: KnownSale) => {
    const status = sales.statusOf(known.id);
    const isOn =
      status === 'open' || status === 'sold-out' || (status === 'upcoming' && known.sale.status !== 'declared');
    const stock: readonly ItemStock[] = isOn ? await stockLeft.of(known) : [];
    return answer(code, saleDocument(known, status, stock), {
      etag: versionTag(known.version),
      ...(code === 200 ? {} : { location: `/api/sales/${known.id}` }),
    });
  };

  /** What is known here, or what the actor says: this gateway may not have heard yet. */
  const find = async (id: SaleId): Promise<KnownSale | undefined> => {
    const known = sales.find(id);
    if (known !== undefined) return known;
    const { view, version } = await actors.sale.read(id);
    return view.status === 'none' ? undefined : { id, sale: view, version };
  };

  const faultsOf = async (items: Items): Promise<readonly FieldError[]> => {
    const found = await Promise.all(items.map(({ sku }) => offers.find(sku)));
    return items.flatMap(({ sku, price }, index): FieldError[] => {
      const offer = found[index];
      if (offer === undefined) return [{ path: `items[${index}].sku`, message: `${sku} is not on sale` }];
      if (price > offer.unitPrice) return [{ path: `items[${index}].price`, message: `Above ${offer.unitPrice}` }];
      return [];
    });
  };

  const overlapping = (id: SaleId, items: Items, startsAt: number, endsAt: number): readonly FieldError[] =>
    sales.all().flatMap(({ id: other, sale: of }) => {
      const status = sales.statusOf(other);
      if (other === id || status === undefined || status === 'ended') return [];
      if (of.startsAt >= endsAt || startsAt >= of.endsAt) return [];
      return items.flatMap(({ sku }, index) =>
        of.items.some((item) => item.sku === sku) ? [{ path: `items[${index}].sku`, message: `In ${other}` }] : [],
      );
    });

  const refused = (short: Extract<DeclaredSale, { status: 'refused' }>['short'], items: Items): Refusal => {
    const others = short.flatMap(({ sku, inSale }): FieldError[] => {
      const index = items.findIndex((item) => item.sku === sku);
      return inSale === undefined ? [] : [{ path: `items[${index}].sku`, message: `In ${inSale}` }];
    });
    if (others.length > 0) return refuse('sale-overlap', { errors: others });
    return refuse('out-of-stock', {
      errors: short.map(({ sku, available }) => {
        const index = items.findIndex((item) => item.sku === sku);
        const message = `${items[index]?.units ?? 0} to be set aside, ${available} available`;
        return { path: `items[${index}].units`, message, sku, available };
      }),
    });
  };

  return [
    endpoint({
      method: 'POST',
      path: '/api/sales',
      tag,
      summary: 'Declare a flash sale',
      detail:
        'Its units are set aside first, for all of its items or for none: 409 `out-of-stock` names those that are short. ' +
        '202: still at it; the sale begins when it is done.',
      access: MANAGERS,
      limit: 'operations',
      priority: 'second',
      body: saleInput,
      answers: {
        201: { description: 'The sale, with its stock', schema: sale, headers: ['ETag', 'Location'] },
        202: { description: 'The sale; its stock is being set aside', schema: sale, headers: ['ETag', 'Location'] },
      },
      problems: ['out-of-stock', 'sale-overlap'],
      async handle({ body, intent, options }) {
        const id = idFrom('sal', intent.seed, intent.at);
        const { title, startsAt = intent.at, endsAt } = body;
        const items: Items = body.items.map(({ sku, price, units, limitPerCustomer, buckets, expectedPerSecond }) => ({
          sku,
          price,
          units,
          limitPerCustomer,
          buckets: bucketsFor({ units, buckets, expectedPerSecond }),
        }));
        const errors = await faultsOf(items);
        if (errors.length > 0) return refuse('invalid-request', { errors });
        const others = overlapping(id, items, startsAt, endsAt);
        if (others.length > 0) return refuse('sale-overlap', { errors: others });
        const once = { ...options, commandId: `declare:${id}` };
        const declared = await actors.sale(id).declare({ title, items, startsAt, endsAt }, once);
        const deadline = Date.now() + SET_ASIDE_MS;
        for (let after = declared.version - 1; ; ) {
          const timeoutMs = Math.max(1, deadline - Date.now());
          const { view, version } = await actors.sale.watch(id, { after, timeoutMs });
          if (view.status === 'none') return refuse('unavailable');
          if (view.status === 'refused') return refused(view.short, items);
          sales.take(id, view, version);
          const known = { id, sale: view, version };
          if (view.status !== 'declared') return shown(201, known);
          if (Date.now() >= deadline) return shown(202, known);
          after = version;
        }
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/sales',
      tag,
      summary: 'Flash sales, those that begin last first',
      access: 'public',
      limit: 'catalogue',
      priority: 'find',
      query: saleQuery,
      answers: { 200: { description: 'A page of sales', schema: salePage } },
      problems: ['invalid-cursor'],
      async handle({ query: { status, limit, cursor } }) {
        const place = cursor === undefined ? undefined : decodeCursor(cursor, LIST, ['integer', 'text']);
        const [startsAt, id] = [Number(place?.[0] ?? Number.POSITIVE_INFINITY), place?.[1] ?? ''];
        const found = sales
          .all()
          .filter((known) => known.sale.startsAt < startsAt || (known.sale.startsAt === startsAt && known.id < id))
          .map((known) => ({ known, now: sales.statusOf(known.id) }))
          .filter(({ known, now }) => status === undefined || shownStatus(known, now) === status);
        const page = found.slice(0, limit);
        const last = page.at(-1)?.known;
        const more = found.length > limit && last !== undefined;
        return answer(200, {
          data: page.map(({ known, now }) => saleCardDocument(known, now)),
          nextCursor: more ? encodeCursor(LIST, [last.sale.startsAt, last.id]) : null,
        });
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/sales/{id}',
      tag,
      summary: 'A flash sale',
      access: 'public',
      limit: 'catalogue',
      priority: 'find',
      params: saleParams,
      answers: { 200: { description: 'The sale; `left` is a second old at most', schema: sale, headers: ['ETag'] } },
      async handle({ params: { id } }) {
        const known = await find(id);
        return known === undefined ? refuse('not-found') : shown(200, known);
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/sales/{id}/end',
      tag,
      summary: 'End a flash sale before its time',
      detail: 'What is held can still be paid; what is left goes back to the stock. Ending it again changes nothing.',
      access: MANAGERS,
      limit: 'operations',
      priority: 'second',
      params: saleParams,
      answers: { 200: { description: 'The sale, ended', schema: sale, headers: ['ETag'] } },
      problems: ['not-found'],
      async handle({ params: { id }, options }) {
        const outcome = await actors.sale(id).end({}, options);
        if (!outcome.ok) return refuse('not-found');
        const { view, version } = await actors.sale.read(id);
        sales.take(id, view, version);
        return view.status === 'none' ? refuse('not-found') : shown(200, { id, sale: view, version });
      },
    }),
  ];
}
