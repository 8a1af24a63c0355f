/**
 * One route, as data: what it takes, what it answers, who may, how often. The gateway serves it from this
 * (http/serve.ts) and describes it from this (openapi/document.ts), so that the two cannot drift apart.
 */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CallOptions } from '../../actors/clients.ts';
import type { Instant } from '../../actors/ids.ts';
import type { Role } from '../../stores/accounts/port.ts';
import type { Principal } from '../auth/access-tokens.ts';
import type { LimitClass } from '../limits/classes.ts';
import type { Priority } from '../overload/priorities.ts';
import { type ProblemCode, type Refusal, refuse } from '../problems.ts';
import { fieldErrors } from './field-errors.ts';

/** `body` is sent as JSON, `serialized` is JSON already; neither: no content. */
export type Answer = {
  readonly status: number;
  readonly body?: unknown;
  readonly serialized?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export const answer = (status: number, body?: unknown, headers?: Readonly<Record<string, string>>): Answer => ({
  status,
  ...(body === undefined ? {} : { body }),
  ...(headers === undefined ? {} : { headers }),
});

export type Access = 'public' | 'optional' | 'signed-in' | readonly Role[];

type PrincipalOf<A extends Access> = A extends 'public'
  ? undefined
  : A extends 'optional'
    ? Principal | undefined
    : Principal;

/**
 * What a POST derives its ids from. With an Idempotency-Key, a retry has the same seed and time and so makes the same
 * order, not a second one; without, every request is an intent of its own. `fresh`: nothing was ever made from this seed.
 */
export type Intent = { readonly seed: string; readonly at: Instant; readonly fresh: boolean };

export type Call<P, Q, B, A extends Access> = {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly principal: PrincipalOf<A>;
  readonly intent: Intent;
  /** From If-Match: the only version that the caller accepts. */
  readonly ifVersion: number | undefined;
  /** For actors' commands: the trace and the version. */
  readonly options: CallOptions;
  readonly request: FastifyRequest;
};

export type AnswerDescription = {
  readonly description: string;
  /** Absent: no content. */
  readonly schema?: z.ZodType;
  /** Default application/json. */
  readonly contentType?: string;
  readonly headers?: readonly ('ETag' | 'Location' | 'Cache-Control' | 'Idempotency-Replayed' | 'Retry-After')[];
};

export type Description = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In OpenAPI's form: `/api/orders/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly detail?: string;
  readonly access: Access;
  readonly limit: LimitClass;
  /** What goes first when not everything can be done: gateway/overload/priorities.ts. */
  readonly priority: Priority;
  /** POST only. `sealed`: the stored answer holds secrets and is encrypted. Default for a POST: `optional`. */
  readonly idempotency?: 'required' | 'optional' | 'sealed' | 'none';
  /** If-Match is honoured. */
  readonly conditional?: boolean;
  /** Headers that are read: of the waiting room (`AdmissionPass` by what it guards), and the client's name for its device. */
  readonly takes?: readonly ('AdmissionPass' | 'WaitingPlace' | 'DeviceId')[];
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Beyond what the conventions imply (see `impliedProblems`). */
  readonly problems?: readonly ProblemCode[];
};

/** What a request must bring to an endpoint once it is read. */
export type Situation = {
  readonly principal: Principal | undefined;
  readonly intent: Intent;
  readonly ifVersion: number | undefined;
  readonly options: CallOptions;
  readonly request: FastifyRequest;
};

export type Run = (situation: Situation) => Promise<Answer | Refusal>;

export type Endpoint = {
  readonly description: Description;
  /** Reads params, query and body together, so that one refusal names every wrong field. */
  readonly read: (request: FastifyRequest) => Run | Refusal;
};

type Definition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends Access> = Description & {
  readonly access: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly handle: (call: Call<z.output<P>, z.output<Q>, z.output<B>, A>) => Promise<Answer | Refusal>;
};

const NOTHING = z.unknown();
const NO_QUERY = z.strictObject({});

export function endpoint<
  const A extends Access,
  P extends z.ZodType = z.ZodUnknown,
  Q extends z.ZodType = z.ZodUnknown,
  B extends z.ZodType = z.ZodUnknown,
>(definition: Definition<P, Q, B, A>): Endpoint {
  const { handle, ...description } = definition;
  const paramsSchema: z.ZodType = description.params ?? NOTHING;
  const querySchema: z.ZodType = description.query ?? NO_QUERY;
  const bodySchema: z.ZodType = description.body ?? NOTHING;
  return {
    description,
    read(request) {
      const params = paramsSchema.safeParse(request.params);
      const query = querySchema.safeParse(request.query);
      const body = bodySchema.safeParse(request.body);
      if (!params.success || !query.success || !body.success) {
        // An id of another shape names nothing.
        if (!params.success) return refuse('not-found');
        return refuse('invalid-request', {
          errors: [...fieldErrors(query.error, 'query'), ...fieldErrors(body.error, '')],
        });
      }
      return (situation) =>
        handle({
          ...situation,
          // The schemas given are those of P, Q and B; zod's own types are lost in the defaults above.
          params: params.data as z.output<P>,
          query: query.data as z.output<Q>,
          body: body.data as z.output<B>,
          principal: situation.principal as PrincipalOf<A>,
        });
    },
  };
}

export const hasBody = ({ body }: Description): boolean => body !== undefined;

/** `description.idempotency` with its default. */
export const idempotencyOf = ({ method, idempotency }: Description): NonNullable<Description['idempotency']> =>
  method === 'POST' ? (idempotency ?? 'optional') : 'none';

/** The refusals that the conventions bring to a route, besides its own. */
export function impliedProblems(description: Description): readonly ProblemCode[] {
  const { access, limit, conditional, params, query, body } = description;
  const idempotency = idempotencyOf(description);
  return [
    'malformed-request',
    'method-not-allowed',
    'headers-too-large',
    'request-timeout',
    ...(query !== undefined || body !== undefined || conditional ? (['invalid-request'] as const) : []),
    ...(params === undefined ? [] : (['not-found'] as const)),
    ...(body === undefined ? [] : (['malformed-json', 'body-too-large', 'unsupported-media-type'] as const)),
    ...(access === 'public' ? [] : (['not-signed-in'] as const)),
    ...(typeof access === 'string' ? [] : (['forbidden'] as const)),
    ...(limit === 'none' ? [] : (['too-many-requests'] as const)),
    ...(conditional ? (['precondition-failed'] as const) : []),
    ...(idempotency === 'required' ? (['idempotency-key-required'] as const) : []),
    ...(idempotency === 'none'
      ? []
      : (['idempotency-key-invalid', 'idempotency-key-reused', 'request-running'] as const)),
    'internal-error',
    'unavailable',
    'overloaded',
  ];
}

/** Every refusal of a route, each once. */
export const problemsOf = (description: Description): readonly ProblemCode[] => [
  ...new Set([...impliedProblems(description), ...(description.problems ?? [])]),
];
