/**
 * `GET /docs`: the rendered OpenAPI document, without the internet. Scalar's script comes inside its npm package (4 MB);
 * it is loaded and compressed when somebody first asks for it, not at every start.
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Haat API</title></head>
<body><div id="reference"></div><noscript>The document itself: <a href="/openapi.json">openapi.json</a></noscript>
<script src="/docs/scalar.js"></script><script src="/docs/start.js"></script></body>
</html>
`;

const START = `Scalar.createApiReference('#reference', ${JSON.stringify({
  url: '/openapi.json',
  // Nothing from, and nothing to, anybody else.
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  hideClientButton: true,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
})});
`;

/** Scripts from here only; Scalar sets styles inline. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

let script: Promise<{ readonly plain: Buffer; readonly gzipped: Buffer }> | undefined;

/** The package gives its script to Fastify only, so a Fastify that never listens is asked for it. */
async function loadScript(): Promise<{ readonly plain: Buffer; readonly gzipped: Buffer }> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const holder = fastify();
  await holder.register(scalar, { routePrefix: '/docs', configuration: { url: '/openapi.json' } });
  const { statusCode, rawPayload } = await holder.inject('/docs/js/scalar.js');
  await holder.close();
  if (statusCode !== 200) throw new Error(`no script in @scalar/fastify-api-reference: ${statusCode}`);
  return { plain: rawPayload, gzipped: await promisify(gzip)(rawPayload) };
}

export function serveReferencePage(app: FastifyInstance): void {
  app.get('/docs', (_request, reply) =>
    reply.headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY }).send(PAGE),
  );
  app.get('/docs/start.js', (_request, reply) =>
    reply.header('content-type', 'text/javascript; charset=utf-8').send(START),
  );
  app.get('/docs/scalar.js', async (request, reply) => {
    script ??= loadScript().catch((error: unknown) => {
      script = undefined;
      throw error;
    });
    const { plain, gzipped } = await script;
    const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    reply.headers({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=86400',
      vary: 'accept-encoding',
      ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    });
    return reply.send(zipped ? gzipped : plain);
  });
}
