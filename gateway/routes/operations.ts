/** Health, metrics, and what the API says of itself. */
import type { FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { z } from 'zod';
import type { Description } from '../http/endpoint.ts';
import { sendRefusal, toFastifyPath } from '../http/serve.ts';
import { openApiDocument } from '../openapi/document.ts';
import { serveReferencePage } from '../openapi/reference-page.ts';
import type { Readiness } from '../operations/readiness.ts';
import { isProblemCode, PROBLEMS, refuse } from '../problems.ts';

const tag = 'Operations';
const plain = { tag, method: 'GET', access: 'public', limit: 'none' } as const;

const live = z.object({ status: z.literal('live') }).meta({ id: 'Live' });
const ready = z
  .object({
    status: z.literal('ready'),
    dependencies: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['up', 'down']),
        needed: z.boolean().describe('false: orders can be placed without it'),
        latencyMs: z.number(),
        error: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Ready' });
const problemType = z.object({ code: z.string(), title: z.string(), status: z.int() }).meta({ id: 'ProblemType' });

export const operations: readonly Description[] = [
  {
    ...plain,
    path: '/health/live',
    priority: 'always',
    summary: 'The process runs',
    answers: { 200: { description: 'It does', schema: live } },
  },
  {
    ...plain,
    path: '/health/ready',
    priority: 'always',
    summary: 'An order could be placed',
    answers: { 200: { description: 'It could; each dependency with its state', schema: ready } },
    problems: ['not-ready'],
  },
  {
    ...plain,
    path: '/metrics',
    priority: 'always',
    summary: 'Prometheus metrics',
    answers: { 200: { description: 'Text format', schema: z.string(), contentType: 'text/plain' } },
  },
  {
    ...plain,
    path: '/openapi.json',
    priority: 'third',
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()) } },
  },
  {
    ...plain,
    path: '/docs',
    priority: 'third',
    summary: 'This document, rendered',
    answers: { 200: { description: 'A page', schema: z.string(), contentType: 'text/html' } },
  },
  {
    ...plain,
    path: '/problems/{code}',
    priority: 'third',
    summary: 'What a problem’s `type` means',
    params: z.object({ code: z.string() }),
    answers: { 200: { description: 'The problem', schema: problemType } },
    problems: ['not-found'],
  },
];

type Parts = {
  readonly metricsText: () => Promise<string>;
  readonly readiness: () => Promise<Readiness>;
  readonly described: readonly Description[];
  readonly version: string;
};

const JSON_TYPE = 'application/json; charset=utf-8';

export function serveOperations(app: FastifyInstance, { metricsText, readiness, described, version }: Parts): void {
  app.get('/health/live', (_request, reply) => reply.header('content-type', JSON_TYPE).send('{"status":"live"}'));

  app.get('/health/ready', async (request, reply) => {
    const { ready: isReady, dependencies } = await readiness();
    if (!isReady) return sendRefusal(request, reply, refuse('not-ready', { extra: { dependencies } }));
    return reply.header('content-type', JSON_TYPE).send(JSON.stringify({ status: 'ready', dependencies }));
  });

  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', Registry.PROMETHEUS_CONTENT_TYPE).send(await metricsText()),
  );

  let document: string | undefined;
  app.get('/openapi.json', (_request, reply) => {
    document ??= JSON.stringify(openApiDocument(described, version));
    return reply.headers({ 'content-type': JSON_TYPE, 'cache-control': 'no-cache' }).send(document);
  });

  app.get<{ Params: { code: string } }>(toFastifyPath('/problems/{code}'), (request, reply) => {
    const { code } = request.params;
    if (!isProblemCode(code)) return sendRefusal(request, reply, refuse('not-found'));
    return reply.header('content-type', JSON_TYPE).send(JSON.stringify({ code, ...PROBLEMS[code] }));
  });

  serveReferencePage(app);
}
