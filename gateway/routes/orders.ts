/** Orders after checkout: history, one order, cancelling, returning, fulfilment. */
import type { OrderId, Sku } from '../../actors/ids.ts';
import type { OrderView, PlacedOrder } from '../../actors/order/order.ts';
import type { Outcome } from '../../actors/runtime/envelope.ts';
import { idFrom } from '../../config/ids.ts';
import type { Principal } from '../auth/access-tokens.ts';
import type { GatewayDeps } from '../deps.ts';
import {
  cancellation,
  fulfilment,
  order,
  orderDocument,
  orderPage,
  orderParams,
  orderQuery,
  returnAnswer,
  returnRequest,
  summaryDocument,
} from '../documents/orders.ts';
import type { Fraud } from '../fraud/fraud.ts';
import { type Answer, answer, type Call, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { type Refusal, refuse } from '../problems.ts';
import { type ActorRejection, refusalOf } from '../refusals.ts';

const tag = 'Orders';
const OPERATORS = ['ops', 'admin'] as const;
const NOT_FOUND = refuse('not-found');
const answers = { 200: { description: 'The order as it is now', schema: order, headers: ['ETag'] } } as const;

const isOperator = ({ role }: Principal): boolean => role === 'ops' || role === 'admin';

/** Other people's orders are not found, as if they did not exist. */
export const mayRead = (view: OrderView, principal: Principal): view is PlacedOrder =>
  view.status !== 'NONE' && (view.userId === principal.userId || isOperator(principal));

type Parts = Pick<GatewayDeps, 'actors' | 'orders'> & { readonly fraud: Pick<Fraud, 'beforeShipping'> };
type Done = Outcome<null, ActorRejection>;

export function orderRoutes({ actors, orders, fraud }: Parts): readonly Endpoint[] {
  const shown = async (id: OrderId, extra: { readonly returnId?: string } = {}): Promise<Answer | Refusal> => {
    const { view, version } = await actors.order.read(id);
    if (view.status === 'NONE') return NOT_FOUND;
    return answer(200, { ...orderDocument(id, view, version), ...extra }, { etag: versionTag(version) });
  };
  const after = async (id: OrderId, outcome: Done, extra?: { readonly returnId: string }) =>
    outcome.ok ? shown(id, extra) : refusalOf(outcome.rejection);
  const readable = async (id: OrderId, principal: Principal): Promise<boolean> =>
    mayRead((await actors.order.read(id)).view, principal);

  return [
    endpoint({
      method: 'GET',
      path: '/api/orders',
      tag,
      summary: 'One’s orders, newest first',
      access: 'signed-in',
      limit: 'orders',
      priority: 'second',
      query: orderQuery,
      answers: { 200: { description: 'A page of orders; a moment behind the orders themselves', schema: orderPage } },
      problems: ['invalid-cursor'],
      async handle({ principal, query: { status, limit, cursor } }) {
        const page = await orders.ofUser(principal.userId, status === undefined ? {} : { status }, {
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        });
        return answer(200, { data: page.data.map(summaryDocument), nextCursor: page.nextCursor });
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/orders/{id}',
      tag,
      summary: 'An order',
      access: 'signed-in',
      limit: 'orders',
      priority: 'order',
      params: orderParams,
      answers,
      async handle({ params: { id }, principal }) {
        const { view, version } = await actors.order.read(id);
        if (!mayRead(view, principal)) return NOT_FOUND;
        return answer(200, orderDocument(id, view, version), { etag: versionTag(version) });
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/orders/{id}/cancel',
      tag,
      summary: 'Cancel an order, or some of its lines',
      detail: 'Before it is shipped. What was paid is refunded.',
      access: 'signed-in',
      limit: 'orders',
      priority: 'order',
      idempotency: 'required',
      conditional: true,
      params: orderParams,
      body: cancellation,
      answers,
      problems: ['invalid-transition', 'unknown-line'],
      async handle({ params: { id }, body, principal, intent, options }) {
        if (!(await readable(id, principal))) return NOT_FOUND;
        const cancellationId = `cancel-${intent.seed}`;
        const by = isOperator(principal) ? 'ops' : 'customer';
        return after(
          id,
          await actors
            .order(id)
            .cancel(
              { cancellationId, reason: body.reason, by, ...linesOf(body) },
              { ...options, commandId: cancellationId },
            ),
        );
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/orders/{id}/returns',
      tag,
      summary: 'Ask to send goods back',
      detail: 'After delivery, while the return window is open.',
      access: 'signed-in',
      limit: 'orders',
      priority: 'second',
      idempotency: 'required',
      conditional: true,
      params: orderParams,
      body: returnRequest,
      answers: { 200: { description: 'The order as it is now', schema: returnAnswer, headers: ['ETag'] } },
      problems: ['invalid-transition', 'unknown-line', 'return-window-closed'],
      async handle({ params: { id }, body, principal, intent, options }) {
        if (!(await readable(id, principal))) return NOT_FOUND;
        const returnId = idFrom('ret', intent.seed, intent.at);
        return after(
          id,
          await actors
            .order(id)
            .requestReturn({ returnId, reason: body.reason, ...linesOf(body) }, { ...options, commandId: returnId }),
          { returnId },
        );
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/orders/{id}/fulfilment',
      tag,
      summary: 'Say how far an order has come',
      access: OPERATORS,
      limit: 'operations',
      priority: 'second',
      conditional: true,
      params: orderParams,
      body: fulfilment,
      answers,
      problems: ['invalid-transition', 'under-review'],
      handle: async (call) => after(call.params.id, await fulfil(call)),
    }),
  ];

  /** Looked at before it is packed: what the books say against it is held against it. */
  async function checked(id: OrderId, go: () => Promise<Done>): Promise<Done> {
    const { view } = await actors.order.read(id);
    if (view.status !== 'CONFIRMED' || view.review !== undefined || fraud.beforeShipping === undefined) return go();
    const { decision, score, reasons } = await fraud.beforeShipping.judge({ id, userId: view.userId });
    // Asked again, it is held already, and then the order itself refuses to go.
    if (decision !== 'accept') await actors.order(id).holdForReview({ score, reasons }, { commandId: `review:${id}` });
    return go();
  }

  function fulfil({
    params: { id },
    body,
    options,
    intent,
  }: Pick<
    Call<{ id: OrderId }, unknown, Fulfilment, typeof OPERATORS>,
    'params' | 'body' | 'options' | 'intent'
  >): Promise<Done> {
    const actor = actors.order(id);
    const call = { ...options, commandId: `fulfil:${intent.seed}` };
    switch (body.status) {
      case 'PROCESSING':
        return checked(id, () => actor.startProcessing({}, call));
      case 'SHIPPED': {
        const { carrier, trackingNumber } = body;
        const shipment = {
          ...(carrier === undefined ? {} : { carrier }),
          ...(trackingNumber === undefined ? {} : { trackingNumber }),
        };
        return actor.ship(shipment, call);
      }
      case 'DELIVERED':
        return actor.deliver({}, call);
      case 'RETURNED':
        return actor.receiveReturn({ returnId: body.returnId }, call);
      default:
        return body satisfies never;
    }
  }
}

type Fulfilment = (typeof fulfilment)['_output'];

const linesOf = ({ items }: { readonly items?: readonly Sku[] | undefined }) =>
  items === undefined ? {} : { skus: items };
