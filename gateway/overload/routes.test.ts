import { describe, expect, it } from 'vitest';
import { toFastifyPath } from '../http/serve.ts';
import { knownRoutes } from './routes.ts';

const described = (path: string) =>
  ({ method: 'GET', path, priority: 'find', access: 'public', limit: 'none', answers: {} }) as const;
const PATHS = ['/api/products', '/api/products/{id}', '/api/products/{id}/variants', '/api/products/new', '/docs'];
const routes = knownRoutes(PATHS.map(described), toFastifyPath);

describe('routes by what is asked for', () => {
  it.each([
    ['/api/products', '/api/products'],
    ['/api/products?limit=1&x=/docs', '/api/products'],
    ['/api/products/prd_1', '/api/products/:id'],
    ['/api/products/new', '/api/products/new'],
    ['/api/products/prd_1/variants?a', '/api/products/:id/variants'],
    ['/docs', '/docs'],
  ])('%s', (target, url) => {
    expect(routes.at('GET', target)?.url).toBe(url);
    expect(routes.at('HEAD', target)?.url).toBe(url);
    expect(routes.at('POST', target)).toBeUndefined();
  });

  it.each(['/', '', '*', '/api', '/api/products/', '/api/products//variants', '/API/products', '/docs/x', '//docs'])(
    'leaves %j to Fastify',
    (target) => expect(routes.at('GET', target)).toBeUndefined(),
  );
});
