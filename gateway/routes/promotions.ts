/** Offers and coupons: declared, paused and ended by operations. What is shown is in this gateway's memory. */
import type { PromotionId } from '../../actors/ids.ts';
import { idOfCode } from '../../actors/promotion/promotion.ts';
import { isLimited, type QuotaLimits } from '../../actors/quota/quota.ts';
import { idFrom } from '../../config/ids.ts';
import { decodeCursor, encodeCursor } from '../../stores/cursor.ts';
import type { GatewayDeps } from '../deps.ts';
import { limits, promotionInput, termsFrom } from '../documents/promotion-terms.ts';
import {
  promotion,
  promotionCardDocument,
  promotionDocument,
  promotionPage,
  promotionParams,
  promotionQuery,
  statusAt,
} from '../documents/promotions.ts';
import { answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { refuse } from '../problems.ts';
import type { KnownPromotion, LivePromotions } from '../promotions/live-promotions.ts';
import { QuotasLeft } from '../promotions/quotas-left.ts';

const LIST = 'promotions';

type Parts = Pick<GatewayDeps, 'actors'> & { readonly promotions: LivePromotions };

/** What all these routes have in common. */
const common = { tag: 'Promotions', access: ['ops', 'admin'], limit: 'operations', priority: 'second' } as const;
const shownAs = (description: string) => ({ description, schema: promotion, headers: ['ETag'] as const });

export function promotionRoutes({ actors, promotions }: Parts): readonly Endpoint[] {
  const quotas = new QuotasLeft(actors);

  /** What the actor says, told to this gateway at once: the caller asks for what it has just done. */
  const read = async (id: PromotionId): Promise<KnownPromotion | undefined> => {
    const { view, version } = await actors.promotion.read(id);
    promotions.take(id, view, version);
    return view.status === 'none' ? undefined : { id, version, promotion: view };
  };

  const shown = async (code: number, known: KnownPromotion, fresh = true) => {
    const { id, promotion } = known;
    const limited = isLimited(promotion.limits);
    const quota = !limited ? undefined : fresh ? (await actors.quota.read(id)).view : await quotas.of(id);
    const headers = { etag: versionTag(known.version), ...(code === 201 ? { location: `/api/promotions/${id}` } : {}) };
    return answer(code, promotionDocument(known, Date.now(), quota), headers);
  };

  /** The quota as the offer says, open or closed. Repeated by whoever repeats the request that was cut off. */
  const settle = async ({ id, promotion }: KnownPromotion, to: QuotaLimits): Promise<boolean> => {
    const quota = actors.quota(id);
    if (isLimited(to) && !(await quota.set({ limits: to })).ok) return false;
    // Where there is no quota there is nothing to open or close.
    if (promotion.status === 'active') await quota.open({});
    else await quota.close({});
    return true;
  };

  const change = (name: 'pause' | 'resume' | 'end', summary: string, detail: string): Endpoint =>
    endpoint({
      ...common,
      method: 'POST',
      path: `/api/promotions/{id}/${name}`,
      summary,
      detail,
      params: promotionParams,
      answers: { 200: shownAs('The offer') },
      problems: ['promotion-over', 'below-claimed'],
      async handle({ params: { id }, options }) {
        const outcome = await actors.promotion(id)[name]({}, options);
        if (!outcome.ok) return refuse(outcome.rejection.status === 'none' ? 'not-found' : 'promotion-over');
        const known = await read(id);
        if (known === undefined) return refuse('not-found');
        return (await settle(known, known.promotion.limits)) ? shown(200, known) : refuse('below-claimed');
      },
    });

  return [
    endpoint({
      ...common,
      method: 'POST',
      path: '/api/promotions',
      summary: 'Declare an offer or a coupon',
      detail: 'A code is given out once, for ever: 409 `code-taken` unless the offer is the same in all.',
      body: promotionInput,
      answers: { 201: { ...shownAs('The offer'), headers: ['ETag', 'Location'] } },
      problems: ['code-taken', 'below-claimed'],
      async handle({ body, intent, options }) {
        const { terms, limits: to } = termsFrom(body, intent.at);
        const id = terms.code === undefined ? idFrom('prm', intent.seed, intent.at) : idOfCode(terms.code);
        const declared = await actors.promotion(id).declare({ terms, limits: to }, options);
        if (!declared.ok) return refuse('code-taken');
        const known = await read(id);
        if (known === undefined) return refuse('unavailable');
        return (await settle(known, to)) ? shown(201, known) : refuse('below-claimed');
      },
    }),

    endpoint({
      ...common,
      method: 'GET',
      path: '/api/promotions',
      summary: 'Offers, those declared last first',
      query: promotionQuery,
      answers: { 200: { description: 'A page of offers', schema: promotionPage } },
      problems: ['invalid-cursor'],
      async handle({ query: { status, limit, cursor } }) {
        const place = cursor === undefined ? undefined : decodeCursor(cursor, LIST, ['integer', 'text']);
        const [at, id] = [Number(place?.[0] ?? Number.POSITIVE_INFINITY), place?.[1] ?? ''];
        const now = Date.now();
        const found = promotions
          .all()
          .filter(({ id: of, promotion: { declaredAt } }) => declaredAt < at || (declaredAt === at && of < id))
          .filter((known) => status === undefined || statusAt(known, now) === status);
        const page = found.slice(0, limit);
        const last = page.at(-1);
        const more = found.length > limit && last !== undefined;
        return answer(200, {
          data: page.map((known) => promotionCardDocument(known, now)),
          nextCursor: more ? encodeCursor(LIST, [last.promotion.declaredAt, last.id]) : null,
        });
      },
    }),

    endpoint({
      ...common,
      method: 'GET',
      path: '/api/promotions/{id}',
      summary: 'An offer, with what is left of it',
      params: promotionParams,
      answers: { 200: shownAs('The offer') },
      async handle({ params: { id } }) {
        const known = promotions.find(id) ?? (await read(id));
        return known === undefined ? refuse('not-found') : shown(200, known, false);
      },
    }),

    endpoint({
      ...common,
      method: 'PUT',
      path: '/api/promotions/{id}/limits',
      summary: 'Change the limits of an offer',
      detail: 'Never below what orders have claimed: 409 `below-claimed`.',
      params: promotionParams,
      body: limits,
      conditional: true,
      answers: { 200: shownAs('The offer') },
      problems: ['promotion-over', 'below-claimed'],
      async handle({ params: { id }, body, ifVersion, options }) {
        const before = await read(id);
        if (before === undefined) return refuse('not-found');
        if (before.promotion.status === 'ended') return refuse('promotion-over');
        if (ifVersion !== undefined && ifVersion !== before.version) return refuse('precondition-failed');
        // The quota first: it may refuse. Without any limit left it goes on counting, and refuses nobody.
        const set = await actors.quota(id).set({ limits: body });
        if (!set.ok) return refuse('below-claimed');
        const outcome = await actors.promotion(id).setLimits({ limits: body }, options);
        if (!outcome.ok) return refuse('promotion-over');
        const known = await read(id);
        if (known === undefined) return refuse('not-found');
        return (await settle(known, body)) ? shown(200, known) : refuse('below-claimed');
      },
    }),

    change('pause', 'Pause an offer', 'New orders do not get it; those that have claimed it keep it.'),
    change('resume', 'Resume a paused offer', 'Resuming one that is on changes nothing.'),
    change('end', 'End an offer before its time', 'For ever. Orders that have claimed it keep it.'),
  ];
}
