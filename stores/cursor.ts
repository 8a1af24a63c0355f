/**
 * Opaque cursors of keyset pages: the sort values of the last row that was shown. They come back from clients, so
 * they are checked like any input; signing them would protect nothing, as they only say where to go on.
 */
export type CursorPart = string | number;

/** What the client sent is not a cursor of this list (made up, cut off, or of another sort order). */
export class InvalidCursor extends Error {
  readonly code = 'invalid-cursor';
  readonly retryable = false;
  constructor() {
    super('the cursor is not one that this list has given out');
    this.name = 'InvalidCursor';
  }
}

/** `list`: names the list and its order; a cursor of another one is refused. */
export const encodeCursor = (list: string, parts: readonly CursorPart[]): string =>
  Buffer.from(JSON.stringify([list, ...parts])).toString('base64url');

/** What a part must be; `instant`: epoch ms of a four-digit year. */
export type CursorShape = 'text' | 'integer' | 'number' | 'instant';

/** Throws InvalidCursor. */
export function decodeCursor(cursor: string, list: string, shape: readonly CursorShape[]): readonly CursorPart[] {
  const [name, ...parts] = parse(cursor);
  if (name !== list || parts.length !== shape.length) throw new InvalidCursor();
  return shape.map((type, index) => {
    const part = parts[index];
    if (!fits(part, type)) throw new InvalidCursor();
    return part;
  });
}

/** Only what PostgreSQL takes as that type: a cursor never makes a query fail. */
function fits(part: unknown, type: CursorShape): part is CursorPart {
  switch (type) {
    case 'text':
      return typeof part === 'string' && /^[\x20-\x7e]{0,200}$/.test(part);
    case 'integer':
      return Number.isSafeInteger(part);
    case 'number':
      return typeof part === 'number' && Number.isFinite(part);
    case 'instant':
      return typeof part === 'number' && Number.isInteger(part) && part >= 0 && part < Date.UTC(10_000, 0);
    default:
      return type satisfies never;
  }
}

function parse(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
