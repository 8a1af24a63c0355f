import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paise } from '../../../actors/ids.ts';
import { eventually } from '../../../brokers/launcher/eventually.ts';
import { customer, lender, openCounters } from '../../../gateway/simulator/testing/counters.ts';
import { amount, payment, refundIdOf } from '../../../gateway/simulator/testing/till.ts';
import { secretsInFile } from '../secrets.ts';
import { isSigned, REPLAY_WINDOW_S, SIGNATURE_HEADER, sign } from './signature.ts';

type Counters = Awaited<ReturnType<typeof openCounters>>;

const opened = async (counters: Counters, n = 1) => {
  const order = await counters.payLater.open({ ...payment(n), method: 'paylater', customer });
  if (order === undefined) throw new Error('the lender opened nothing');
  return order.gatewayOrderId;
};
const authorised = async (counters: Counters, n = 1) => {
  const id = await opened(counters, n);
  await counters.decide(id, 'success');
  return id;
};

describe('the signature', () => {
  const body = Buffer.from('{"event":"transaction.authorized"}');
  const at = 1_763_895_221;
  const good = sign('one', at, body.toString());

  it('is of these bytes, at this time, by any of the secrets', () => {
    expect(isSigned(body, good, ['two', 'one'], at * 1_000)).toBe(true);
    expect(isSigned(body, good, ['two'], at * 1_000)).toBe(false);
    expect(isSigned(body, good, [], at * 1_000)).toBe(false);
    expect(isSigned(Buffer.concat([body, Buffer.from(' ')]), good, ['one'], at * 1_000)).toBe(false);
    expect(isSigned(body, good.replace(`t=${at}`, `t=${at + 1}`), ['one'], at * 1_000)).toBe(false);
    for (const bad of [undefined, '', 'v1=', `${good}0`, ` ${good}`, [good, good]])
      expect(isSigned(body, bad, ['one'], at * 1_000)).toBe(false);
  });

  it('is good for the replay window only, so that what was caught cannot be played again', () => {
    for (const [offset, expected] of [
      [REPLAY_WINDOW_S, true],
      [-REPLAY_WINDOW_S, true],
      [REPLAY_WINDOW_S + 1, false],
      [-REPLAY_WINDOW_S - 1, false],
    ] as const)
      expect(isSigned(body, good, ['one'], (at + offset) * 1_000)).toBe(expected);
  });
});

describe('the lender', () => {
  it('lends to some, as much as it says', async () => {
    await using counters = await openCounters();
    await counters.set('pay-later', { credit: 200_000 });
    expect(await counters.payLater.eligible?.({ customer, amount: paise(200_000) })).toEqual({
      eligible: true,
      limit: 200_000,
    });
    expect(await counters.payLater.eligible?.({ customer, amount: paise(200_001) })).toEqual({
      eligible: false,
      reason: 'limit_exceeded',
    });
    await counters.set('pay-later', { credit: 100 });
    await expect(opened(counters)).rejects.toMatchObject({ code: 'refused', retryable: false });
  });

  it('is not asked without the customer’s phone, and tells nobody the phone', async () => {
    await using counters = await openCounters();
    const open = (phone: string) =>
      counters.payLater.open({ ...payment(), method: 'paylater', customer: { ...customer, phone } });
    await expect(counters.payLater.open({ ...payment(), method: 'paylater' })).rejects.toMatchObject({
      code: 'refused',
    });
    const error = await open('1234567890').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'refused' });
    expect(String(error)).not.toContain('1234567890');
  });

  it('opens one transaction for one payment', async () => {
    await using counters = await openCounters();
    expect(new Set(await Promise.all([opened(counters), opened(counters), opened(counters)])).size).toBe(1);
    expect(await opened(counters, 2)).not.toBe(await opened(counters));
  });

  it('holds an authorisation for its time, and takes nothing after it', async () => {
    await using counters = await openCounters();
    await counters.set('pay-later', { holdsFor: 0 });
    const id = await authorised(counters);
    const capture = counters.payLater.capture?.({ ...payment(), gatewayPaymentId: id });
    await expect(capture).rejects.toMatchObject({ code: 'refused', retryable: false });
    expect((await counters.payLater.status?.({ ...payment(), gatewayOrderId: id }))?.at(-1)).toMatchObject({
      type: 'voided',
    });
    await eventually(() => counters.came['pay-later'].some(({ body }) => body.includes('transaction.expired')));
  });

  it('tells of a payment only by the transaction that is its own', async () => {
    await using counters = await openCounters();
    const id = await authorised(counters);
    expect(await counters.payLater.status?.({ ...payment(2), gatewayOrderId: id })).toEqual([]);
  });

  it('forgets nothing when it is ended and started again', async () => {
    await using counters = await openCounters();
    const id = await authorised(counters);
    await counters.payLater.capture?.({ ...payment(), gatewayPaymentId: id });
    await counters.set('pay-later', { refunds: { afterMs: 60_000 } });
    const refund = { ...payment(), refundId: refundIdOf(1), gatewayPaymentId: id, reason: 'late' };
    expect(await counters.payLater.refund(refund)).toMatchObject({ status: 'requested' });
    await counters.restart();
    await eventually(async () => (await counters.lenderLedger())[0]?.refunded === amount);
    await eventually(() => counters.came['pay-later'].some(({ body }) => body.includes('refund.processed')));
  });
});

describe('its webhooks', () => {
  it('late, repeated, lost and out of order, say the same as asking', async () => {
    await using counters = await openCounters();
    await counters.set('pay-later', { webhooks: { duplicates: 2, reorder: true, dropNext: 2 } });
    const id = await authorised(counters);
    await counters.payLater.capture?.({ ...payment(), gatewayPaymentId: id });
    const came = () => counters.came['pay-later'];
    await eventually(() => came().length === 6, { withinMs: 8_000 });
    const told = await Promise.all(came().map(({ body, headers }) => counters.payLater.readWebhook(body, headers)));
    const asked = await counters.payLater.status?.({ ...payment(), gatewayOrderId: id });
    expect(asked?.map(({ type }) => type)).toEqual(['authorised', 'captured']);
    for (const notice of told) expect(asked).toContainEqual(notice);
    for (const notice of asked ?? []) expect(told).toContainEqual(notice);
  });

  it('are believed by the old secret and the new one, changed while it runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'haat-rotation-'));
    const file = join(folder, 'webhook-secret');
    writeFileSync(file, 'the-old-one');
    let now = 0;
    await using counters = await openCounters();
    const adapter = counters.another({ webhookSecrets: secretsInFile(file, { clock: () => now }) });
    await authorised(counters);
    const { body, headers } = await eventually(() => counters.came['pay-later'][0]);
    expect(await adapter.readWebhook(body, headers)).toBeUndefined();
    writeFileSync(file, `${lender.webhookSecret},the-old-one`);
    now += 2_000;
    expect(await adapter.readWebhook(body, headers)).toMatchObject({ type: 'authorised' });
    const byOld = { [SIGNATURE_HEADER]: sign('the-old-one', Math.floor(Date.now() / 1_000), body.toString()) };
    expect(await adapter.readWebhook(body, byOld)).toMatchObject({ type: 'authorised' });
    writeFileSync(file, lender.webhookSecret);
    now += 2_000;
    expect(await adapter.readWebhook(body, byOld)).toBeUndefined();
    rmSync(folder, { recursive: true });
  });
});
