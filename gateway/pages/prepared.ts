/**
 * Answers made once: the text and its tag, for as long as what they are made of is the same. That is the kept objects
 * themselves, by identity, and the words that are live (prices of a sale, availability), which are compared every time.
 */
import { Lru } from '../../stores/lru.ts';
import { contentTag } from '../http/entity-tag.ts';

export type Prepared = { readonly serialized: string; readonly etag: string };

type Entry = Prepared & { readonly of: readonly object[]; readonly live: string };

const CAPACITY_BYTES = 64 * 1_024 * 1_024;

export class PreparedAnswers {
  readonly #entries = new Lru<string, Entry>(
    CAPACITY_BYTES,
    ({ serialized, live }) => 300 + serialized.length + live.length,
  );

  /** `version`: goes into the tag. */
  answer(key: string, of: readonly object[], live: string, make: () => unknown, version?: number): Prepared {
    const known = this.#entries.get(key);
    if (known !== undefined && known.live === live && isSame(known.of, of)) return known;
    const serialized = JSON.stringify(make());
    const entry = { serialized, etag: contentTag(serialized, version), of, live };
    this.#entries.set(key, entry);
    return entry;
  }
}

const isSame = (a: readonly object[], b: readonly object[]): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index]);
