/** The OpenAPI 3.1 document, from the same descriptions that are served: every route, every refusal. */
import { z } from 'zod';
import { type Description, idempotencyOf, problemsOf } from '../http/endpoint.ts';
import { LIMITS } from '../limits/classes.ts';
import { PROBLEMS, type ProblemCode } from '../problems.ts';
import { type Json, Schemas } from './schemas.ts';

const problem = z
  .object({
    type: z.string().describe('`/problems/{code}`'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    code: z.string().describe('Stable: branch on it'),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

const header = (description: string, example: string): Json => ({
  description,
  schema: { type: 'string' },
  example,
});

const HEADERS: Readonly<Record<string, Json>> = {
  'X-Request-Id': header('The one that was sent, or a new one', '4bf92f3577b34da6a3ce929d0e0e4736'),
  'RateLimit-Policy': header('draft-ietf-httpapi-ratelimit-headers', '"cart";q=300;w=60'),
  RateLimit: header('What is left, and the seconds until it is whole again', '"cart";r=299;t=42'),
  'Retry-After': header('Seconds', '1'),
  ETag: header('For If-Match and If-None-Match', '"v3"'),
  Location: header('Where it is', '/api/orders/ord_018f3c1e9b7a7cc09f2b1c3d4e5f6a7b'),
  'Cache-Control': header('How long it may be kept', 'public, max-age=10'),
  'Idempotency-Replayed': header('`true`: the answer of the first request with this key', 'true'),
  Allow: header('The methods that the resource has', 'GET, HEAD'),
  'WWW-Authenticate': header('RFC 6750', 'Bearer realm="haat"'),
};
const headerRefs = (names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const PARAMETERS: Readonly<Record<string, Json>> = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Unique per intent, kept 24 h. A repeat gets the first answer.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  RequiredIdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: 'Unique per intent, kept 24 h. A repeat gets the first answer.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag of the version that is to be changed.',
    schema: { type: 'string' },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The ETag of what the client has.',
    schema: { type: 'string' },
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'Go on after this event.',
    schema: { type: 'string', pattern: '^[0-9]{1,15}$' },
  },
  AdmissionPass: {
    name: 'X-Admission-Pass',
    in: 'header',
    description:
      'From the waiting room, after 503 `waiting-room`: good for its user, in its room, until it expires. Several: by commas.',
    schema: { type: 'string' },
  },
  DeviceId: {
    name: 'X-Device-Id',
    in: 'header',
    description: 'What the client calls its device, the same at every visit: who shares one with many is looked at.',
    schema: { type: 'string', maxLength: 200 },
  },
  WaitingPlace: {
    name: 'X-Waiting-Place',
    in: 'header',
    description: 'The `place` that was given out before: keeps it even where nobody remembers.',
    schema: { type: 'string', maxLength: 400 },
  },
  Traceparent: { name: 'traceparent', in: 'header', description: 'W3C Trace Context.', schema: { type: 'string' } },
  RequestId: { name: 'X-Request-Id', in: 'header', description: 'Echoed.', schema: { type: 'string' } },
};
const parameterRef = (name: keyof typeof PARAMETERS): Json => ({ $ref: `#/components/parameters/${name}` });

export function openApiDocument(descriptions: readonly Description[], version: string): Json {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const description of descriptions) {
    const { path, method } = description;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(description, schemas) };
  }
  const problemSchema = schemas.output(problem);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Haat',
      version,
      description:
        'From cart to confirmed order. Money is in paise, time in UTC. Errors are RFC 9457 problem documents: ' +
        'branch on `code`. What a route may answer is listed with it, each code with its title.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(descriptions.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      headers: HEADERS,
      parameters: PARAMETERS,
      responses: Object.fromEntries(
        Object.entries(PROBLEMS).map(([code, { title }]) => [
          code,
          { description: title, content: { 'application/problem+json': { schema: problemSchema } } },
        ]),
      ),
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From login; 15 minutes.' },
      },
    },
  };
}

function operation(description: Description, schemas: Schemas): Json {
  const { tag, summary, detail, access, body, limit, priority } = description;
  const quota = limit === 'none' ? undefined : LIMITS[limit];
  const notes = [
    detail,
    typeof access === 'string' ? undefined : `For ${access.join(', ')}.`,
    quota && `At most ${quota.requests} requests in ${quota.seconds} s for one ${quota.by}.`,
  ].filter((note) => note !== undefined);
  return {
    operationId: operationId(description),
    tags: [tag],
    summary,
    'x-priority': priority,
    ...(notes.length === 0 ? {} : { description: notes.join(' ') }),
    security: access === 'public' ? [] : [{ accessToken: [] }, ...(access === 'optional' ? [{}] : [])],
    parameters: parameters(description, schemas),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemas.input(body) } } } }),
    responses: { ...answers(description, schemas), ...problems(description) },
  };
}

/** `POST /api/orders/{id}/cancel` → `postOrdersIdCancel`. */
const operationId = ({ method, path }: Description): string =>
  method.toLowerCase() +
  path
    .replace(/^\/api/, '')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function parameters(description: Description, schemas: Schemas): readonly Json[] {
  const { params, query, conditional, answers: given, path } = description;
  const idempotency = idempotencyOf(description);
  const answered = Object.values(given);
  return [
    ...fields(params, 'path', schemas),
    ...fields(query, 'query', schemas),
    ...(idempotency === 'required' ? [parameterRef('RequiredIdempotencyKey')] : []),
    ...(idempotency === 'optional' || idempotency === 'sealed' ? [parameterRef('IdempotencyKey')] : []),
    ...(conditional ? [parameterRef('IfMatch')] : []),
    ...(description.takes ?? []).map(parameterRef),
    ...(answered.some(({ headers }) => headers?.includes('Cache-Control')) ? [parameterRef('IfNoneMatch')] : []),
    ...(answered.some(({ contentType }) => contentType === 'text/event-stream') ? [parameterRef('LastEventId')] : []),
    ...(path.startsWith('/api/') ? [parameterRef('Traceparent'), parameterRef('RequestId')] : []),
  ];
}

function fields(schema: z.ZodType | undefined, where: 'path' | 'query', schemas: Schemas): readonly Json[] {
  if (schema === undefined) return [];
  const { properties, required, additionalProperties } = schemas.input(schema);
  const needed = Array.isArray(required) ? required : [];
  const known = Object.entries(typeof properties === 'object' && properties !== null ? properties : {}).map(
    ([name, of]): Json => {
      const { description, ...rest } = of as Json;
      return {
        name,
        in: where,
        required: where === 'path' || needed.includes(name),
        ...(description === undefined ? {} : { description }),
        schema: rest,
      };
    },
  );
  if (typeof additionalProperties !== 'object') return known;
  const description = '`attr.<name>=<value>`: only products that have this attribute.';
  const anyAttribute = { type: 'object', additionalProperties: { type: 'string' } };
  return [...known, { name: 'attributes', in: where, style: 'form', explode: true, description, schema: anyAttribute }];
}

function answers(description: Description, schemas: Schemas): Json {
  const common = ['X-Request-Id', ...(description.limit === 'none' ? [] : ['RateLimit-Policy', 'RateLimit'])];
  const of = Object.entries(description.answers).map(([status, { schema, contentType, headers = [], ...rest }]) => [
    status,
    {
      description: rest.description,
      headers: headerRefs([...common, ...headers]),
      ...(schema === undefined
        ? {}
        : { content: { [contentType ?? 'application/json']: { schema: schemas.output(schema) } } }),
    },
  ]);
  const cached = Object.values(description.answers).some(({ headers }) => headers?.includes('Cache-Control'));
  const notModified = { description: 'The client has it', headers: headerRefs([...common, 'ETag', 'Cache-Control']) };
  return Object.fromEntries(cached ? [...of, ['304', notModified]] : of);
}

const RESPONSE_HEADERS: Readonly<Record<number, readonly string[]>> = {
  401: ['WWW-Authenticate'],
  405: ['Allow'],
  429: ['Retry-After', 'RateLimit-Policy', 'RateLimit'],
  503: ['Retry-After'],
};

/** One response a status; its description and examples name each code that has it. */
function problems(description: Description): Json {
  const byStatus = Map.groupBy(problemsOf(description), (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('\n\n'),
        headers: headerRefs(['X-Request-Id', ...(RESPONSE_HEADERS[status] ?? [])]),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(codes.map((code) => [code, { value: example(code) }])),
          },
        },
      },
    ]),
  );
}

const example = (code: ProblemCode): Json => ({
  type: `/problems/${code}`,
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  code,
});
