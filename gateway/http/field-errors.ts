import type { z } from 'zod';
import type { FieldError } from '../problems.ts';

/** More would be of no use to anybody, and a body of nonsense can have thousands. */
const MAX_ERRORS = 20;

/** `items[0].quantity`; with a prefix `query.limit`. An empty path is the body itself. */
const pathOf = (prefix: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    prefix,
  );

/** zod names the object that has unknown fields; clients want the fields themselves. */
export function fieldErrors(error: z.ZodError | undefined, prefix: string): readonly FieldError[] {
  if (error === undefined) return [];
  return error.issues
    .flatMap((issue): FieldError[] =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: pathOf(prefix, [...issue.path, shown(key)]), message: 'Unknown field' }))
        : [{ path: pathOf(prefix, issue.path), message: issue.message }],
    )
    .slice(0, MAX_ERRORS);
}

const shown = (key: string): string => key.slice(0, 60);
