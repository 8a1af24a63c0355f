/** Products: read by everybody, written by their seller or an admin. */
import type { ProductId, SellerId, Sku } from '../../actors/ids.ts';
import type { Availability, Page, Product, ProductDraft } from '../../stores/catalogue/port.ts';
import type { Principal } from '../auth/access-tokens.ts';
import type { GatewayDeps } from '../deps.ts';
import {
  attributeFilters,
  cardDocument,
  cardPage,
  product,
  productDocument,
  productInput,
  productParams,
  productQuery,
  variantDocuments,
  variantList,
} from '../documents/catalogue.ts';
import { cacheable } from '../http/cacheable.ts';
import { answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { liveWords } from '../pages/live-words.ts';
import type { Prepared, PreparedAnswers } from '../pages/prepared.ts';
import { type Refusal, refuse } from '../problems.ts';
import type { Sales } from '../sales/port.ts';

const tag = 'Catalogue';
const WRITERS = ['seller', 'admin'] as const;
const NOT_FOUND: Refusal = refuse('not-found');
const cached = ['ETag', 'Cache-Control'] as const;

const isOwn = (of: Product, principal: Principal | undefined): boolean =>
  principal !== undefined &&
  (principal.role === 'admin' || (of.sellerId === principal.sellerId && isSeller(principal)));
const isSeller = ({ role }: Principal): boolean => role === 'seller';

/** A page of cards, prepared; with one question for all their stock. */
export async function preparedCards(
  { catalogue, sales, prepared }: Parts,
  key: string,
  { data, nextCursor }: Page<Product>,
): Promise<Prepared> {
  const skus = data.flatMap(({ variants }) => variants.map(({ sku }) => sku));
  const stock = await catalogue.availability(skus);
  const document = () => ({ data: data.map((each) => cardDocument(each, stock)), nextCursor });
  return prepared.answer(key, data, `${nextCursor} ${liveWords(skus, stock, sales)}`, document);
}

export type Parts = Pick<GatewayDeps, 'catalogue'> & { readonly sales: Sales; readonly prepared: PreparedAnswers };

export function productRoutes(parts: Parts): readonly Endpoint[] {
  const { catalogue, sales, prepared } = parts;
  /** What is not on sale is there for its seller only. */
  const visible = async (id: ProductId, principal: Principal | undefined): Promise<Product | undefined> => {
    const found = await catalogue.product(id);
    return found !== undefined && (found.status === 'active' || isOwn(found, principal)) ? found : undefined;
  };
  const stockOf = (of: Product) => catalogue.availability(of.variants.map(({ sku }) => sku));
  const live = (of: Product, stock: ReadonlyMap<Sku, Availability>): string =>
    liveWords(
      of.variants.map(({ sku }) => sku),
      stock,
      sales,
    );
  const shown = async (of: Product) => productDocument(of, await stockOf(of), sales);

  /** The product that the caller may write, or why not. */
  const writable = async (id: ProductId, principal: Principal): Promise<Product | Refusal> => {
    const found = await visible(id, principal);
    if (found === undefined) return NOT_FOUND;
    return isOwn(found, principal) ? found : refuse('forbidden', { detail: 'The product is another seller’s.' });
  };

  return [
    endpoint({
      method: 'GET',
      path: '/api/products',
      tag,
      summary: 'Products on sale',
      detail: 'Filters by attribute: `attr.<name>=<value>`.',
      access: 'public',
      limit: 'catalogue',
      priority: 'find',
      query: productQuery,
      answers: { 200: { description: 'A page of product cards', schema: cardPage, headers: cached } },
      problems: ['invalid-cursor'],
      async handle({ query, request }) {
        const { category, brand, sellerId, minPrice, maxPrice, sort, limit, cursor } = query;
        // By its id, or by the name that a product's `category` starts with.
        const path = category === undefined ? undefined : ((await catalogue.categoryPath(category)) ?? [category]);
        const attributes = attributeFilters(query);
        const page = await catalogue.list(
          {
            ...(path === undefined ? {} : { category: path }),
            ...(brand === undefined ? {} : { brand }),
            ...(sellerId === undefined ? {} : { sellerId }),
            ...(minPrice === undefined ? {} : { minPrice }),
            ...(maxPrice === undefined ? {} : { maxPrice }),
            ...(sort === undefined ? {} : { sort }),
            ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
          },
          { limit, ...(cursor === undefined ? {} : { cursor }) },
        );
        return cacheable(request, await preparedCards(parts, `products ${JSON.stringify(query)}`, page));
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/products/{id}',
      tag,
      summary: 'A product',
      access: 'optional',
      limit: 'catalogue',
      priority: 'find',
      params: productParams,
      answers: { 200: { description: 'The product', schema: product, headers: cached } },
      async handle({ params, principal, request }) {
        const found = await visible(params.id, principal);
        if (found === undefined) return NOT_FOUND;
        // What only its seller may see must not end up in a shared cache.
        if (found.status !== 'active') return answer(200, await shown(found), { etag: versionTag(found.version) });
        const stock = await stockOf(found);
        const document = () => productDocument(found, stock, sales);
        return cacheable(
          request,
          prepared.answer(`product ${found.id}`, [found], live(found, stock), document, found.version),
        );
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/products/{id}/variants',
      tag,
      summary: 'The variants of a product',
      access: 'public',
      limit: 'catalogue',
      priority: 'third',
      params: productParams,
      answers: { 200: { description: 'All of them', schema: variantList, headers: cached } },
      async handle({ params, request }) {
        const found = await visible(params.id, undefined);
        if (found === undefined) return NOT_FOUND;
        const stock = await stockOf(found);
        const document = () => ({ data: variantDocuments(found, stock, sales), nextCursor: null });
        return cacheable(request, prepared.answer(`variants ${found.id}`, [found], live(found, stock), document));
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/products',
      tag,
      summary: 'Put a product into the catalogue',
      access: WRITERS,
      limit: 'operations',
      priority: 'second',
      body: productInput,
      answers: { 201: { description: 'The product', schema: product, headers: ['ETag', 'Location'] } },
      problems: ['sku-taken'],
      async handle({ body, principal }) {
        const seller = sellerFor(principal, body.sellerId);
        if (typeof seller === 'object') return seller;
        const created = await catalogue.create({ ...draftOf(body), sellerId: seller });
        return answer(201, await shown(created), {
          etag: versionTag(created.version),
          location: `/api/products/${created.id}`,
        });
      },
    }),

    endpoint({
      method: 'PUT',
      path: '/api/products/{id}',
      tag,
      summary: 'Change a product',
      access: WRITERS,
      limit: 'operations',
      priority: 'second',
      conditional: true,
      params: productParams,
      body: productInput,
      answers: { 200: { description: 'The product as it is now', schema: product, headers: ['ETag'] } },
      problems: ['sku-taken'],
      async handle({ params, body, principal, ifVersion }) {
        const before = await writable(params.id, principal);
        if ('problem' in before) return before;
        const seller = sellerFor(principal, body.sellerId ?? before.sellerId);
        if (typeof seller === 'object') return seller;
        const changed = await catalogue.update(params.id, { ...draftOf(body), sellerId: seller }, ifVersion);
        if (changed === 'version-mismatch') return refuse('precondition-failed');
        if (changed === undefined) return NOT_FOUND;
        return answer(200, await shown(changed), { etag: versionTag(changed.version) });
      },
    }),

    endpoint({
      method: 'DELETE',
      path: '/api/products/{id}',
      tag,
      summary: 'Take a product off sale for good',
      access: WRITERS,
      limit: 'operations',
      priority: 'second',
      conditional: true,
      params: productParams,
      answers: { 204: { description: 'It is archived' } },
      async handle({ params, principal, ifVersion }) {
        const before = await writable(params.id, principal);
        if ('problem' in before) return before;
        const archived = await catalogue.archive(params.id, ifVersion);
        if (archived === 'version-mismatch') return refuse('precondition-failed');
        return archived === undefined ? NOT_FOUND : answer(204);
      },
    }),
  ];
}

/** A seller's products are their own; an admin says whose. */
function sellerFor(principal: Principal, named: SellerId | undefined): SellerId | Refusal {
  if (!isSeller(principal)) {
    return named ?? refuse('invalid-request', { errors: [{ path: 'sellerId', message: 'Must say whose it is' }] });
  }
  if (principal.sellerId === null) return refuse('forbidden', { detail: 'The account has no shop.' });
  if (named !== undefined && named !== principal.sellerId) {
    return refuse('forbidden', { detail: 'The product would be another seller’s.' });
  }
  return principal.sellerId;
}

const draftOf = ({ sellerId: _, ...draft }: Omit<ProductDraft, 'sellerId'> & { sellerId?: SellerId | undefined }) =>
  draft;
