import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBLEMS } from './problems.ts';
import { type TestGateway, testGateway } from './testing/test-gateway.ts';

type Operation = {
  readonly responses: Record<string, { readonly content?: Record<string, { readonly examples?: object }> }>;
  readonly parameters: readonly { readonly name?: string; readonly in?: string; readonly $ref?: string }[];
  readonly requestBody?: object;
  readonly security: readonly object[];
};
type Document = {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, Record<string, unknown>>;
};

let gateway: TestGateway;
let document: Document;
beforeAll(async () => {
  gateway = await testGateway({
    settings: { hostedCheckout: { keyId: 'rzp_test', gatewayUrl: 'http://gateway.example' } },
  });
  document = (await gateway.send({ url: '/openapi.json' })).json();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the OpenAPI document', () => {
  it('is 3.1 and every reference in it leads somewhere', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      const [root, section = '', kind = '', name = ''] = reference.split('/');
      expect([root, section]).toEqual(['#', 'components']);
      expect(document.components[kind]?.[name], reference).toBeDefined();
    }
  });

  it('describes every route that is served', () => {
    const served = gateway.app
      .printRoutes({ commonPrefix: false, includeMeta: false })
      .split('\n')
      .flatMap((line) => {
        const [, url = '', methods = ''] = /(\/\S*) \(([A-Z, ]+)\)/.exec(line) ?? [];
        return methods
          .split(', ')
          .filter((method) => method !== '' && method !== 'HEAD')
          .map((method) => ({ url, method }));
      });
    expect(served.length).toBeGreaterThan(30);
    // Methods that a path does not have are served with 405; the page's own scripts are no API.
    const described = new Set(
      operations().map(({ path, method }) => `${method.toUpperCase()} ${path.split('/').at(-1)}`),
    );
    expect(described.size).toBeGreaterThan(20);
    for (const { path, method } of operations()) {
      const url = path.replace(/\{(\w+)\}/g, ':$1');
      expect(gateway.app.hasRoute({ method: method.toUpperCase() as 'GET', url }), `${method} ${path}`).toBe(true);
    }
  });

  it('names what each route may refuse, by code', () => {
    const codes = new Set<string>();
    for (const { path, method, operation } of operations()) {
      const names = Object.values(operation.responses).flatMap(({ content }) =>
        Object.keys(content?.['application/problem+json']?.examples ?? {}),
      );
      for (const code of names) codes.add(code);
      const where = `${method} ${path}`;
      expect(names, where).toContain('internal-error');
      if (operation.security.length === 1) expect(names, where).toContain('not-signed-in');
      if (operation.requestBody !== undefined) expect(names, where).toContain('body-too-large');
      for (const name of [...path.matchAll(/\{(\w+)\}/g)].map(([, each]) => each)) {
        expect(
          operation.parameters.some((each) => each.in === 'path' && each.name === name),
          where,
        ).toBe(true);
      }
    }
    const never = Object.keys(PROBLEMS).filter((code) => !codes.has(code));
    expect(never).toEqual([]);
  });

  it('has a page that leads to the payment gateway, for its ids only', async () => {
    const page = await gateway.send({ url: '/pay/order_Abc123' });
    expect(page.headers['content-security-policy']).toContain('form-action');
    expect(page.body).toContain('value="http://gateway.example/pay/order_Abc123/done"');
    expect((await gateway.send({ url: '/pay/%22%3E%3Cscript%3E' })).statusCode).toBe(404);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const back = await gateway.send({ method: 'POST', url: '/pay/order_Abc123/done', payload: 'a=b', headers: form });
    expect(back.statusCode).toBe(200);
  });

  it('is rendered without the internet', async () => {
    const page = await gateway.send({ url: '/docs' });
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.body).not.toMatch(/https?:\/\//);
    const script = await gateway.send({ url: '/docs/scalar.js', headers: { 'accept-encoding': 'gzip' } });
    expect([script.statusCode, script.headers['content-encoding']]).toEqual([200, 'gzip']);
    expect(script.rawPayload.length).toBeGreaterThan(500_000);
  });
});
