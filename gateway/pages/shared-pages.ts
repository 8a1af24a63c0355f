/**
 * Products in Redis, so that a gateway that starts, or one of many, need not ask the database for what another has read.
 * Nobody waits long for it, and an entry that may be from before a change is not taken: at worst the database is asked.
 */
import type { Redis } from 'ioredis';
import type { ProductId } from '../../actors/ids.ts';
import type { Product } from '../../stores/catalogue/port.ts';
import { Lru } from '../../stores/lru.ts';
import { TIMES } from './kept.ts';

export type SharedPages = {
  readonly product: (id: ProductId, read: () => Promise<Product | undefined>) => Promise<Product | undefined>;
  readonly changed: (id: ProductId) => void;
  /** Changes may have been missed. */
  readonly missed: () => void;
};

type Stored = { readonly at: number; readonly product: Product };

/** Another gateway's clock may be off by so much. */
const CLOCKS_MS = 2_000;
const MOST_CHANGES = 100_000;

export function sharePages(redis: Redis, now: () => number = Date.now): SharedPages {
  const changes = new Lru<ProductId, number>(MOST_CHANGES);
  let missedAt = Number.NEGATIVE_INFINITY;
  const keyOf = (id: ProductId): string => `haat:page:product:${id}`;
  /** Whether what was read then has every change in it that is known here. */
  const isCurrent = (id: ProductId, at: number): boolean =>
    at > Math.max(changes.get(id) ?? missedAt, missedAt) + CLOCKS_MS;

  const stored = async (id: ProductId): Promise<Product | undefined> => {
    const text = await redis.get(keyOf(id)).catch(() => null);
    if (text === null) return undefined;
    const { at, product }: Stored = JSON.parse(text);
    return isCurrent(id, at) && now() - at < TIMES.fresh ? product : undefined;
  };

  return {
    async product(id, read) {
      const known = await stored(id);
      if (known !== undefined) return known;
      const at = now();
      const product = await read();
      if (product !== undefined && isCurrent(id, at)) {
        const entry: Stored = { at, product };
        // Lost, it is read once more.
        redis.set(keyOf(id), JSON.stringify(entry), 'PX', TIMES.fresh).catch(() => undefined);
      }
      return product;
    },
    changed(id) {
      changes.set(id, now());
      redis.del(keyOf(id)).catch(() => undefined);
    },
    missed() {
      missedAt = now();
    },
  };
}
