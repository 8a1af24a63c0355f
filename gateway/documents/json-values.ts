/** JSON that clients may put what they like into, within bounds: preferences, product attributes. */
import { z } from 'zod';
import { isCleanText } from './scalars.ts';

const MAX_BYTES = 16 * 1_024;
const MAX_DEPTH = 8;

const isStorable = (value: unknown, depth: number): boolean => {
  switch (typeof value) {
    case 'string':
      return isCleanText(value);
    case 'object':
      if (value === null) return true;
      if (depth === 0) return false;
      return Array.isArray(value)
        ? value.every((each) => isStorable(each, depth - 1))
        : Object.entries(value).every(([key, each]) => isCleanText(key) && isStorable(each, depth - 1));
    default:
      return true;
  }
};

export const preferences = z
  .record(z.string(), z.unknown())
  .refine((value) => isStorable(value, MAX_DEPTH), { error: `Must be plain JSON, at most ${MAX_DEPTH} levels deep` })
  .refine((value) => JSON.stringify(value).length <= MAX_BYTES, { error: `Must have at most ${MAX_BYTES} characters` })
  .describe('Anything that the client wants kept for this user');

const attributeText = z.string().max(500).refine(isCleanText, { error: 'Has characters that cannot be stored' });

export const attributes = z
  .record(
    z.string().min(1).max(60).refine(isCleanText),
    z.union([attributeText, z.number(), z.boolean(), z.array(attributeText).max(50)]),
  )
  .refine((value) => Object.keys(value).length <= 100, { error: 'At most 100 attributes' });
