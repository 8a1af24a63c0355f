/** What the gate knows of a request by its route, from the routes' own descriptions. */
import type { Description } from '../http/endpoint.ts';
import type { Priority } from './priorities.ts';

export type KnownRoute = Pick<Description, 'access' | 'limit'> & {
  /** As Fastify writes it. */
  readonly url: string;
  readonly priority: Priority;
  readonly isStream: boolean;
};

export type Routes = {
  /** By the route's own path, once Fastify has found it. */
  readonly of: (method: string, path: string | undefined) => KnownRoute | undefined;
  /** By what was asked for, before. */
  readonly at: (method: string, target: string) => KnownRoute | undefined;
};

/** What nobody described is refused first: paths that are not there. */
export const NOBODYS = { url: '', access: 'public', limit: 'none', priority: 'third', isStream: false } as const;

export function knownRoutes(
  descriptions: readonly Pick<Description, 'method' | 'path' | 'priority' | 'answers' | 'access' | 'limit'>[],
  toFastifyPath: (path: string) => string,
): Routes {
  const byPath = new Map<string, Map<string, KnownRoute>>();
  const root: Segment = { fixed: new Map(), any: undefined, routes: undefined };
  for (const { method, path, priority, answers, access, limit } of descriptions) {
    const url = toFastifyPath(path);
    const methods = byPath.get(url) ?? new Map<string, KnownRoute>();
    const isStream = Object.values(answers).some(({ contentType }) => contentType === 'text/event-stream');
    byPath.set(url, methods.set(method, { url, priority, access, limit, isStream }));
    grow(root, url).routes = methods;
  }
  const asDescribed = (method: string): string => (method === 'HEAD' ? 'GET' : method);
  return {
    of: (method, path) => byPath.get(path ?? '')?.get(asDescribed(method)),
    at: (method, target) => follow(root, target)?.get(asDescribed(method)),
  };
}

/** Of paths, between two slashes: written out, or a parameter. */
type Segment = {
  readonly fixed: Map<string, Segment>;
  any: Segment | undefined;
  routes: ReadonlyMap<string, KnownRoute> | undefined;
};

const segmentsOf = (path: string): readonly string[] => path.slice(1).split('/');

function grow(root: Segment, url: string): Segment {
  let at = root;
  for (const name of segmentsOf(url)) {
    const known = name.startsWith(':') ? at.any : at.fixed.get(name);
    const next = known ?? { fixed: new Map(), any: undefined, routes: undefined };
    if (name.startsWith(':')) at.any = next;
    else at.fixed.set(name, next);
    at = next;
  }
  return at;
}

/** What is written out goes before a parameter, as in Fastify; what it alone can find (escapes) is left to it. */
function follow(root: Segment, target: string): ReadonlyMap<string, KnownRoute> | undefined {
  const query = target.indexOf('?');
  let at: Segment | undefined = root;
  for (const name of segmentsOf(query < 0 ? target : target.slice(0, query))) {
    at = at.fixed.get(name) ?? (name === '' ? undefined : at.any);
    if (at === undefined) return undefined;
  }
  return at.routes;
}
