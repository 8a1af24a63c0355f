import {
  cardPage,
  categoryDocuments,
  categoryParams,
  categoryProductsQuery,
  categoryTree,
} from '../documents/catalogue.ts';
import { cacheable } from '../http/cacheable.ts';
import { type Endpoint, endpoint } from '../http/endpoint.ts';
import { refuse } from '../problems.ts';
import { type Parts, preparedCards } from './products.ts';

const tag = 'Catalogue';
const cached = ['ETag', 'Cache-Control'] as const;

export function categoryRoutes(parts: Parts): readonly Endpoint[] {
  const { catalogue, prepared } = parts;
  return [
    endpoint({
      method: 'GET',
      path: '/api/categories',
      tag,
      summary: 'The tree of categories, with counts',
      access: 'public',
      limit: 'catalogue',
      priority: 'second',
      answers: { 200: { description: 'The roots, each with its children', schema: categoryTree, headers: cached } },
      async handle({ request }) {
        const tree = await catalogue.categories();
        return cacheable(
          request,
          prepared.answer('categories', [tree], '', () => categoryDocuments(tree)),
        );
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/categories/{id}/products',
      tag,
      summary: 'Products of a category and of those below it',
      access: 'public',
      limit: 'catalogue',
      priority: 'second',
      params: categoryParams,
      query: categoryProductsQuery,
      answers: { 200: { description: 'A page of product cards', schema: cardPage, headers: cached } },
      problems: ['invalid-cursor'],
      async handle({ params, query: { limit, cursor, sort }, request }) {
        const category = await catalogue.categoryPath(params.id);
        if (category === undefined) return refuse('not-found');
        const page = await catalogue.list(
          { category, ...(sort === undefined ? {} : { sort }) },
          { limit, ...(cursor === undefined ? {} : { cursor }) },
        );
        const key = `category ${JSON.stringify([params.id, limit, cursor, sort])}`;
        return cacheable(request, await preparedCards(parts, key, page));
      },
    }),
  ];
}
