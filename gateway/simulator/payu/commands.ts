/** `merchant/postservice.php?form=2`: a command with its values in a form, each with a hash. Refusals come with status 200. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { commandHash } from '../../../stores/payments/payu/hashes.ts';
import { paiseOf } from '../../../stores/payments/payu/rupees.ts';
import { Refused } from '../books.ts';
import type { ApiTrouble } from '../settings.ts';
import { loseAnswers, misbehave } from '../trouble.ts';
import type { PayuBooks } from './books.ts';
import { actionOf, captureOf, verifiedOf } from './entities.ts';
import type { Refund } from './facts.ts';

type Parts = {
  readonly books: PayuBooks;
  readonly key: string;
  readonly salt: string;
  readonly settings: { readonly api: ApiTrouble; readonly refunds: { readonly sameAmountAfterS: number } };
  /** To the bank. */
  readonly take: (refund: Refund) => Promise<void>;
};
type Form = Readonly<Record<string, string | undefined>>;

export function serveCommands(app: FastifyInstance, { books, key, salt, settings, take }: Parts): void {
  const { api } = settings;
  const changes = (body: unknown): boolean =>
    typeof body === 'object' && body !== null && 'command' in body && body.command === 'cancel_refund_transaction';
  loseAnswers(app, api, ({ body }) => changes(body));

  app.post<{ Body: Form }>('/merchant/postservice.php', async ({ body }) => {
    await misbehave(api);
    const { command = '', var1 = '', hash = '' } = body;
    if (body['key'] !== key) return refusal('Invalid merchant key');
    const expected = Buffer.from(commandHash(key, command, var1, salt));
    const given = Buffer.from(hash.toLowerCase());
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return refusal('Invalid Hash.');
    if (var1 === '') return refusal('Parameter missing');
    switch (command) {
      case 'verify_payment':
        return verified(var1.split('|'));
      case 'check_action_status':
        return body['var2'] === 'payuid' ? actionsOf(var1) : actionOfRequest(var1);
      case 'cancel_refund_transaction':
        return refunded(var1, body['var2'] ?? '', paiseOf(body['var3'] ?? '') ?? 0);
      default:
        return refusal('Invalid command');
    }
  });

  function verified(txnids: readonly string[]) {
    const found = txnids.map((txnid) => {
      const attempts = books.find(txnid)?.attempts ?? [];
      const attempt = attempts.find(({ success }) => success) ?? attempts.at(-1);
      return [txnid, attempt && verifiedOf(attempt)] as const;
    });
    const count = found.filter(([, attempt]) => attempt !== undefined).length;
    const details = found.map(([txnid, attempt]) => [txnid, attempt ?? { mihpayid: 'Not Found', status: 'Not Found' }]);
    return fetched(count, txnids.length, Object.fromEntries(details));
  }

  function actionsOf(mihpayid: string) {
    const attempt = books.attempt(mihpayid);
    if (attempt?.success !== true) return fetched(0, 1, { [mihpayid]: 'No action status found' });
    const actions = [captureOf(attempt), ...attempt.refunds.map(actionOf)];
    return fetched(1, 1, { [mihpayid]: Object.fromEntries(actions.map((action) => [action.request_id, action])) });
  }

  function actionOfRequest(requestId: string) {
    const refund = books.refundOf(requestId);
    if (refund === undefined) return fetched(0, 1, { [requestId]: 'No action status found' });
    return fetched(1, 1, { [requestId]: { [requestId]: actionOf(refund) } });
  }

  async function refunded(mihpayid: string, token: string, amount: number) {
    try {
      const refund = await books.refund(mihpayid, token, amount, settings.refunds.sameAmountAfterS);
      await take(refund);
      const { requestId } = refund;
      // The id as a number, of which JSON readers lose digits: PayU does that here.
      const told = { request_id: requestId, bank_ref_num: null, mihpayid: Number(mihpayid), error_code: 102 };
      return { status: 1, msg: 'Refund Request Queued', ...told };
    } catch (error) {
      if (error instanceof Refused && error.status === 200) return { ...refusal(error.message), error_code: 105 };
      throw error;
    }
  }
}

const refusal = (msg: string) => ({ status: 0, msg });

const fetched = (count: number, of: number, details: Readonly<Record<string, unknown>>) => ({
  status: count > 0 ? 1 : 0,
  msg: `${count} out of ${of} Transactions Fetched Successfully`,
  transaction_details: details,
});
