/**
 * What is left of the offers' quotas, asked of each at most once a second however many carts want to know. What is told
 * may be a second old: only a claim decides (actors/quota), this keeps hopeless ones from being tried.
 */
import type { Actors } from '../../actors/clients.ts';
import type { PromotionId } from '../../actors/ids.ts';
import type { OutOfReach } from '../../actors/pricing/offers/offer.ts';
import type { QuotaView } from '../../actors/quota/quota.ts';

const FRESH_MS = 1_000;
const TIMEOUT_MS = 1_000;

export class QuotasLeft {
  readonly #actors: Pick<Actors, 'quota'>;
  readonly #answers = new Map<PromotionId, { readonly until: number; readonly view: Promise<QuotaView | undefined> }>();

  constructor(actors: Pick<Actors, 'quota'>) {
    this.#actors = actors;
  }

  /** undefined: nobody could tell. */
  of(id: PromotionId): Promise<QuotaView | undefined> {
    const now = Date.now();
    const known = this.#answers.get(id);
    if (known !== undefined && known.until > now) return known.view;
    for (const [other, { until }] of this.#answers) if (until <= now) this.#answers.delete(other);
    const view = this.#actors.quota.read(id, { timeoutMs: TIMEOUT_MS }).then(
      (read) => read.view,
      () => undefined,
    );
    this.#answers.set(id, { until: now + FRESH_MS, view });
    return view;
  }

  /** Of these, those with nothing left. Whose quota cannot be asked is not among them: the claim will tell. */
  async exhausted(ids: readonly PromotionId[]): Promise<Readonly<Record<PromotionId, OutOfReach>>> {
    const views = await Promise.all(ids.map((id) => this.of(id)));
    const exhausted = ids.filter((_, index) => {
      const left = views[index]?.left;
      return left?.uses === 0 || left?.budget === 0;
    });
    return Object.fromEntries(exhausted.map((id) => [id, 'offer-exhausted' as const]));
  }
}
