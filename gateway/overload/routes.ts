/** What the gate knows of a request by its route, from the routes' own descriptions. */
import type { Description } from '../http/endpoint.ts';
import type { Priority } from './priorities.ts';

export type KnownRoute = Pick<Description, 'access' | 'limit'> & {
  readonly priority: Priority;
  readonly isStream: boolean;
};

export type Routes = { readonly of: (method: string, path: string | undefined) => KnownRoute | undefined };

/** What nobody described is refused first: paths that are not there. */
export const NOBODYS = { access: 'public', limit: 'none', priority: 'third', isStream: false } as const;

export function knownRoutes(
  descriptions: readonly Pick<Description, 'method' | 'path' | 'priority' | 'answers' | 'access' | 'limit'>[],
  toFastifyPath: (path: string) => string,
): Routes {
  const byPath = new Map<string, Map<string, KnownRoute>>();
  for (const { method, path, priority, answers, access, limit } of descriptions) {
    const url = toFastifyPath(path);
    const methods = byPath.get(url) ?? new Map<string, KnownRoute>();
    const isStream = Object.values(answers).some(({ contentType }) => contentType === 'text/event-stream');
    byPath.set(url, methods.set(method, { priority, access, limit, isStream }));
  }
  return { of: (method, path) => byPath.get(path ?? '')?.get(method === 'HEAD' ? 'GET' : method) };
}
