/** Orders that are looked at before they are sent: why, and what operations decide. */
import type { OrderId } from '../../actors/ids.ts';
import type { GatewayDeps } from '../deps.ts';
import {
  review,
  reviewDecision,
  reviewDocument,
  reviewPage,
  reviewParams,
  reviewQuery,
  summaryDocument,
} from '../documents/fraud.ts';
import { type Answer, answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { type Refusal, refuse } from '../problems.ts';
import { refusalOf } from '../refusals.ts';

const common = { tag: 'Fraud', access: ['ops', 'admin'], limit: 'operations', priority: 'second' } as const;
const shownAs = { description: 'What is held against the order', schema: review, headers: ['ETag'] } as const;

export function fraudRoutes({ actors, reviews }: Pick<GatewayDeps, 'actors' | 'reviews'>): readonly Endpoint[] {
  const shown = async (id: OrderId): Promise<Answer | Refusal> => {
    const { view, version } = await actors.order.read(id);
    if (view.status === 'NONE' || view.review === undefined) return refuse('not-found');
    return answer(200, reviewDocument(id, view, view.review), { etag: versionTag(version) });
  };

  return [
    endpoint({
      ...common,
      method: 'GET',
      path: '/api/fraud/reviews',
      summary: 'Orders under review, those that wait longest first',
      query: reviewQuery,
      answers: { 200: { description: 'A page; a moment behind the orders themselves', schema: reviewPage } },
      problems: ['invalid-cursor'],
      async handle({ query: { status, limit, cursor } }) {
        if (reviews === undefined) return answer(200, { data: [], nextCursor: null });
        const page = await reviews.list(status, { limit, ...(cursor === undefined ? {} : { cursor }) });
        return answer(200, { ...page, data: page.data.map(summaryDocument) });
      },
    }),

    endpoint({
      ...common,
      method: 'GET',
      path: '/api/fraud/reviews/{orderId}',
      summary: 'Why an order is, or was, under review',
      params: reviewParams,
      answers: { 200: shownAs },
      handle: ({ params: { orderId } }) => shown(orderId),
    }),

    endpoint({
      ...common,
      method: 'POST',
      path: '/api/fraud/reviews/{orderId}/decision',
      summary: 'Let an order go, or cancel it',
      detail: 'Only before it is sent. Who decided, and why, stays with the order.',
      idempotency: 'optional',
      conditional: true,
      params: reviewParams,
      body: reviewDecision,
      answers: { 200: shownAs },
      problems: ['not-under-review', 'invalid-transition'],
      async handle({ params: { orderId: id }, body: { decision, note }, principal, intent, options }) {
        const { view } = await actors.order.read(id);
        if (view.status === 'NONE' || view.review === undefined) return refuse('not-found');
        const order = actors.order(id);
        if (decision === 'approve') {
          const cleared = await order.clearReview({ by: principal.userId, note }, options);
          return cleared.ok ? shown(id) : refusalOf(cleared.rejection);
        }
        const cancellationId = `review-${intent.seed}`;
        const ended = await order.cancel(
          { cancellationId, reason: note, by: 'ops' },
          { ...options, commandId: cancellationId },
        );
        return ended.ok ? shown(id) : refusalOf(ended.rejection);
      },
    }),
  ];
}
