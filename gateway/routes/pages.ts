/**
 * What a shop window is made of, in two halves. Pages have nothing in them that changes by the minute: browsers, proxies
 * and this gateway keep them for five. Prices and availability are asked for beside them, and are never kept.
 */
import type { GatewayDeps } from '../deps.ts';
import { categoryParams, categoryProductsQuery, productParams } from '../documents/catalogue.ts';
import {
  categoryPage,
  categoryPageDocument,
  offerDocument,
  offerList,
  offersQuery,
  productPage,
  productPageDocument,
} from '../documents/pages.ts';
import { cacheable } from '../http/cacheable.ts';
import { answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { refuse } from '../problems.ts';
import type { Parts as CatalogueParts } from './products.ts';

const tag = 'Pages';
const cached = ['ETag', 'Cache-Control'] as const;

type Parts = CatalogueParts & Pick<GatewayDeps, 'offers'>;

export function pageRoutes({ catalogue, offers, sales, prepared }: Parts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/pages/products/{id}',
      tag,
      summary: 'The page of a product, without prices and availability',
      detail: '`live` says where those are.',
      access: 'public',
      limit: 'catalogue',
      priority: 'find',
      params: productParams,
      answers: { 200: { description: 'The page, to be kept for five minutes', schema: productPage, headers: cached } },
      problems: ['not-found'],
      async handle({ params, request }) {
        const found = await catalogue.product(params.id);
        if (found === undefined || found.status !== 'active') return refuse('not-found');
        const document = () => productPageDocument(found);
        return cacheable(request, prepared.answer(`page ${found.id}`, [found], '', document, found.version), 'page');
      },
    }),

    endpoint({
      method: 'GET',
      path: '/pages/categories/{id}',
      tag,
      summary: 'The page of a category, without prices and availability',
      detail: '`live` says where those are, of as many SKUs as can be asked for at once.',
      access: 'public',
      limit: 'catalogue',
      priority: 'second',
      params: categoryParams,
      query: categoryProductsQuery,
      answers: { 200: { description: 'The page, to be kept for five minutes', schema: categoryPage, headers: cached } },
      problems: ['invalid-cursor', 'not-found'],
      async handle({ params: { id }, query: { limit, cursor, sort }, request }) {
        const path = await catalogue.categoryPath(id);
        if (path === undefined) return refuse('not-found');
        const page = await catalogue.list(
          { category: path, ...(sort === undefined ? {} : { sort }) },
          { limit, ...(cursor === undefined ? {} : { cursor }) },
        );
        const key = `category page ${JSON.stringify([id, limit, cursor, sort])}`;
        const document = () => categoryPageDocument(id, path, page);
        return cacheable(request, prepared.answer(key, page.data, `${page.nextCursor}`, document), 'page');
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/offers',
      tag,
      summary: 'Prices and availability, as they are',
      detail:
        'A SKU that is not on sale is left out. Availability is seconds old at most; stock is decided at checkout.',
      access: 'public',
      limit: 'catalogue',
      priority: 'find',
      query: offersQuery,
      answers: { 200: { description: 'In the order asked for', schema: offerList } },
      async handle({ query: { skus } }) {
        const [found, stock] = await Promise.all([
          Promise.all(skus.map((sku) => offers.find(sku))),
          catalogue.availability(skus),
        ]);
        const data = found.flatMap((offer) => (offer === undefined ? [] : [offerDocument(offer, stock, sales)]));
        return answer(200, { data, nextCursor: null });
      },
    }),
  ];
}
