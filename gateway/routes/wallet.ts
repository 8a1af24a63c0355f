/** A customer's wallet, and what operations do to it. */
import { openTopUp } from '../../actors/checkout/wallet/open-top-up.ts';
import { paymentOfTopUp } from '../../actors/checkout/wallet/top-ups.ts';
import type { Paise, UserId } from '../../actors/ids.ts';
import type { WalletContract } from '../../actors/wallet/wallet.ts';
import { idFrom } from '../../config/ids.ts';
import { gatewayMeant } from '../../stores/payments/routes/meant.ts';
import type { GatewayDeps } from '../deps.ts';
import { isoTime } from '../documents/scalars.ts';
import {
  entryDocument,
  grant,
  kyc,
  statementPage,
  statementQuery,
  topUp,
  topUpAnswer,
  wallet,
  walletDocument,
  walletParams,
} from '../documents/wallet.ts';
import { answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { type Refusal, refuse } from '../problems.ts';

/** Room under the limits is kept so long for a payment. */
const TOP_UP_MS = 30 * 60_000;

const tag = 'Wallet';
const own = { tag, access: 'signed-in', limit: 'account' } as const;
const operated = { tag, access: ['ops', 'admin'], limit: 'operations', priority: 'second' } as const;
const shownAs = { description: 'The wallet', schema: wallet, headers: ['ETag'] } as const;

type Parts = Pick<GatewayDeps, 'accounts' | 'actors' | 'gateways' | 'walletStatement'>;

export function walletRoutes({ accounts, actors, gateways, walletStatement }: Parts): readonly Endpoint[] {
  const shown = async (userId: UserId) => {
    const { view, version } = await actors.wallet.read(userId);
    return answer(200, walletDocument(userId, view, version), { etag: versionTag(version) });
  };
  const exists = async (userId: UserId): Promise<boolean> => (await accounts.user(userId)) !== undefined;

  return [
    endpoint({
      ...own,
      method: 'GET',
      path: '/api/wallet',
      summary: 'One’s wallet',
      priority: 'cart',
      answers: { 200: shownAs },
      handle: ({ principal }) => shown(principal.userId),
    }),

    endpoint({
      ...own,
      method: 'GET',
      path: '/api/wallet/statement',
      summary: 'What has moved in one’s wallet, newest first',
      detail: 'A moment behind the wallet itself.',
      priority: 'second',
      query: statementQuery,
      answers: { 200: { description: 'A page of movements', schema: statementPage } },
      problems: ['invalid-cursor'],
      async handle({ principal, query: { limit, cursor } }) {
        if (walletStatement === undefined) return answer(200, { data: [], nextCursor: null });
        const page = await walletStatement.of(principal.userId, { limit, ...(cursor === undefined ? {} : { cursor }) });
        return answer(200, { ...page, data: page.data.map(entryDocument) });
      },
    }),

    endpoint({
      ...own,
      method: 'POST',
      path: '/api/wallet/top-up',
      summary: 'Put money into one’s wallet',
      detail:
        'It is there when the payment is (`topUps` of the wallet). How much a wallet may hold and take in a month depends ' +
        'on the customer’s KYC; 409 `wallet-limit` names the limit, and what there is room for.',
      limit: 'checkout',
      priority: 'order',
      idempotency: 'required',
      body: topUp,
      answers: {
        201: { description: 'Where to pay', schema: topUpAnswer, headers: ['Location', 'Idempotency-Replayed'] },
      },
      problems: ['wallet-limit', 'payment-method-unavailable'],
      async handle({ principal, body: { method, amount }, intent }) {
        const asked = { method, amount: amount as Paise };
        const gateway = gatewayMeant(gateways, asked);
        if (gateway?.settles !== 'prepaid') return refuse('payment-method-unavailable', { detail: method });
        const topUpId = idFrom('top', intent.seed, intent.at);
        const expiresAt = intent.at + TOP_UP_MS;
        const { userId } = principal;
        const opened = await openTopUp(
          { actors, gateways },
          { ...asked, userId, topUpId, gateway: gateway.name, expiresAt },
        );
        if (opened.as === 'refused') return refusalOf(opened.why);
        if (opened.as === 'unavailable') return refuse('unavailable', { detail: 'No payment gateway answers.' });
        const { paymentUrl } = opened;
        const paymentId = paymentOfTopUp(topUpId);
        return answer(
          201,
          {
            id: topUpId,
            paymentId,
            amount,
            currency: 'INR',
            status: 'pending',
            paymentUrl,
            expiresAt: isoTime(expiresAt),
          },
          { location: '/api/wallet' },
        );
      },
    }),

    endpoint({
      ...operated,
      method: 'GET',
      path: '/api/wallets/{userId}',
      summary: 'A customer’s wallet',
      params: walletParams,
      answers: { 200: shownAs },
      handle: async ({ params: { userId } }) => ((await exists(userId)) ? shown(userId) : refuse('not-found')),
    }),

    endpoint({
      ...operated,
      method: 'PUT',
      path: '/api/wallets/{userId}/kyc',
      summary: 'Record what is known of a customer',
      detail: 'As whoever verified it says. What a wallet holds already it keeps when limits fall.',
      params: walletParams,
      body: kyc,
      answers: { 200: shownAs },
      async handle({ params: { userId }, body, options }) {
        if (!(await exists(userId))) return refuse('not-found');
        await actors.wallet(userId).recordKyc(body, options);
        return shown(userId);
      },
    }),

    endpoint({
      ...operated,
      method: 'POST',
      path: '/api/wallets/{userId}/credits',
      summary: 'Give promotional credit',
      idempotency: 'required',
      params: walletParams,
      body: grant,
      answers: { 201: { ...shownAs, headers: ['ETag', 'Idempotency-Replayed'] } },
      problems: ['wallet-limit'],
      async handle({ params: { userId }, body: { amount, expiresAt, reason }, intent, options }) {
        if (!(await exists(userId))) return refuse('not-found');
        const grantId = idFrom('grt', intent.seed, intent.at);
        const lot = { grantId, amount: amount as Paise, expiresAt: Date.parse(expiresAt), reason };
        const granted = await actors.wallet(userId).grant(lot, options);
        if (!granted.ok) return refusalOf(granted.rejection);
        return { ...(await shown(userId)), status: 201 };
      },
    }),
  ];
}

function refusalOf(why: WalletContract['openTopUp' | 'grant']['rejection']): Refusal {
  switch (why.type) {
    case 'limit-exceeded':
      return refuse('wallet-limit', {
        detail: `Room for ${why.room} paise (${why.limit}).`,
        extra: { limit: why.limit, room: why.room },
      });
    case 'too-many':
      return refuse('wallet-limit', { detail: `At most ${why.most} at a time.`, extra: { limit: 'count' } });
    case 'expired':
      return refuse('invalid-request', { errors: [{ path: 'expiresAt', message: 'Must be in the future' }] });
    case 'invalid-amount':
      return refuse('invalid-request', { errors: [{ path: 'amount', message: 'Must be a whole number above 0' }] });
    case 'reference-reused':
      return refuse('idempotency-key-reused');
    default:
      return why satisfies never;
  }
}
