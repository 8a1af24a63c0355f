/** zod schemas as OpenAPI 3.1 schema objects (JSON Schema 2020-12); those with an id are shared under components. */
import { z } from 'zod';

export type Json = { readonly [key: string]: unknown };

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

export class Schemas {
  readonly components: Record<string, unknown> = {};

  /** What a client may send. */
  input(schema: z.ZodType): Json {
    return this.#convert(schema, 'input');
  }

  /** What a client gets: later versions may add to it. */
  output(schema: z.ZodType): Json {
    return this.#convert(schema, 'output');
  }

  #convert(schema: z.ZodType, io: 'input' | 'output'): Json {
    const converted = z.toJSONSchema(schema, {
      io,
      target: 'draft-2020-12',
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        // zod's bounds of a safe integer say nothing to a client.
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      },
    });
    const { $schema: _, $defs = {}, ...own } = relocated(converted);
    for (const [name, definition] of Object.entries(isJson($defs) ? $defs : {})) this.components[name] = definition;
    return own;
  }
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same with references to components. */
function relocated(value: Json): Json {
  return Object.fromEntries(
    Object.entries(value)
      // The id that names a component; no keyword of JSON Schema.
      .filter(([key, each]) => !(key === 'id' && typeof each === 'string'))
      .map(([key, each]) => [key, key === '$ref' && typeof each === 'string' ? moved(each) : inside(each)]),
  );
}
const moved = (ref: string): string => (ref.startsWith(LOCAL) ? SHARED + ref.slice(LOCAL.length) : ref);
const inside = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(inside) : isJson(value) ? relocated(value) : value;
