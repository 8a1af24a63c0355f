/**
 * The record of one Idempotency-Key, in the KV bucket `idempotency` (24 h TTL): a fact, so not in Redis.
 * `create` is atomic: of concurrent duplicates exactly one runs. A run that died (its lease is over) may be taken
 * over; the taker gets the same `seed`, derives the same ids from it, and so repeats the same commands.
 */
import type { Instant } from '../actors/ids.ts';

export type StoredAnswer = {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type Claim =
  /**
   * Go on. `seed` (random) and `at` (when the key was first claimed) are kept with the key. `fresh`: nobody has had this
   * seed before. `abandon`: the next try may run at once, with the same seed and time.
   */
  | {
      readonly state: 'claimed';
      readonly seed: string;
      readonly at: Instant;
      readonly fresh: boolean;
      readonly complete: (answer: StoredAnswer) => Promise<void>;
      readonly abandon: () => Promise<void>;
    }
  | { readonly state: 'running' }
  | { readonly state: 'other-payload' }
  | { readonly state: 'done'; readonly answer: StoredAnswer };

export type IdempotencyStore = {
  /** `scope`: user and route. `fingerprint`: hash of method, path and body. */
  claim(scope: string, key: string, fingerprint: string): Promise<Claim>;
};
