import { describe, expect, it } from 'vitest';
import { eventually } from '../../../brokers/launcher/eventually.ts';
import { openCounters, payuKey } from '../testing/counters.ts';
import { amount, payment, refundIdOf } from '../testing/till.ts';

type Counters = Awaited<ReturnType<typeof openCounters>>;
const opened = async (counters: Counters, n = 1) => {
  const order = await counters.payu.open({ ...payment(n), method: 'netbanking' });
  if (order === undefined) throw new Error('PayU opened nothing');
  return order;
};

describe('PayU’s part of the simulator', () => {
  it('sends its webhooks late, repeated, lost and out of order; each says the same', async () => {
    await using counters = await openCounters();
    await counters.set('payu', { webhooks: { duplicates: 1, reorder: true, dropNext: 2, delayMs: 50 } });
    for (const n of [1, 2]) await counters.payAtPayu((await opened(counters, n)).paymentUrl, 'success');
    await eventually(() => counters.came.payu.length === 4, { withinMs: 8_000 });
    const told = await Promise.all(
      counters.came.payu.map(({ body, headers }) => counters.payu.readWebhook(body, headers)),
    );
    for (const n of [1, 2]) {
      const same = told.filter(
        (notice) => notice !== undefined && 'paymentId' in notice && notice.paymentId === payment(n).paymentId,
      );
      expect(same).toHaveLength(2);
      expect(same[0]).toEqual(same[1]);
    }
  });

  it('takes one of many payments of a transaction at the same moment, and none after it', async () => {
    await using counters = await openCounters();
    const { paymentUrl, gatewayOrderId } = await opened(counters);
    await counters.payAtPayu(paymentUrl, 'failure');
    const pay = () =>
      fetch(`${counters.url}/payu/pay/${gatewayOrderId}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"outcome":"success"}',
      });
    const answers = await Promise.all(Array.from({ length: 10 }, pay));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await counters.payuLedger()).toMatchObject([{ attempts: 2, captured: amount }]);
    await expect(counters.payAtPayu(paymentUrl, 'success')).rejects.toThrow('Duplicate transaction id');
  });

  it('leads a browser through the bank’s page and back to the shop', async () => {
    await using counters = await openCounters();
    const { gatewayOrderId, paymentUrl } = await opened(counters);
    await counters.payAtPayu(paymentUrl, 'failure');
    const at = `${counters.url}/payu/pay/${gatewayOrderId}`;
    const page = await fetch(at);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(await page.text()).toContain('₹1,499.00');
    const back = await (await fetch(at, { method: 'POST', body: new URLSearchParams({ outcome: 'success' }) })).text();
    expect(back).toContain(`action="${counters.form.returnUrl}"`);
    const fields = Object.fromEntries(
      [...back.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    expect(await counters.payu.readWebhook(Buffer.from(new URLSearchParams(fields).toString()), {})).toMatchObject({
      type: 'captured',
    });
  });

  it('forgets nothing when it is ended and started again', async () => {
    await using counters = await openCounters();
    const { paymentUrl, gatewayOrderId } = await opened(counters);
    await counters.payAtPayu(paymentUrl, 'success');
    const [captured] = (await counters.payu.status?.({ ...payment(), gatewayOrderId })) ?? [];
    if (captured?.type !== 'captured') throw new Error('not captured');
    await counters.set('payu', { refunds: { afterMs: 60_000 } });
    await counters.payu.refund({
      ...payment(),
      refundId: refundIdOf(1),
      gatewayPaymentId: captured.gatewayPaymentId,
      reason: 'late',
    });
    await counters.restart();
    await eventually(async () => (await counters.payuLedger())[0]?.refunded === amount);
    await eventually(() => counters.came.payu.some(({ body }) => body.includes('"refund"')));
  });

  it('refuses a command whose hash is wrong, as PayU does', async () => {
    await using counters = await openCounters();
    const ask = async (form: Record<string, string>) =>
      (
        await fetch(`${counters.url}/merchant/postservice.php?form=2`, {
          method: 'POST',
          body: new URLSearchParams(form),
        })
      ).json();
    const command = { key: payuKey, command: 'verify_payment', var1: 't' };
    expect(await ask({ ...command, hash: 'f'.repeat(128) })).toEqual({ status: 0, msg: 'Invalid Hash.' });
    expect(await ask({ ...command, key: 'other', hash: '' })).toMatchObject({ status: 0 });
  });
});
