/** The configured gateways: which there are, and whose webhooks are believed while a secret is changed. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readEnv } from '../../config/env.ts';
import { paymentGateways } from './gateways.ts';
import { SIGNATURE_HEADER, sign } from './pay-later/signature.ts';
import { responseHash } from './payu/hashes.ts';
import { shortOf } from './payu/short-ids.ts';

const dir = mkdtempSync(join(tmpdir(), 'haat-gateways-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Sent = { readonly body: string; readonly headers?: Readonly<Record<string, string>> };
const paymentId = `pay_${'1'.padStart(32, '0')}`;

const messages: Readonly<Record<string, (secret: string) => Sent>> = {
  razorpay: (secret) => {
    const body = '{"event":"payment.authorized"}';
    return { body, headers: { 'x-razorpay-signature': createHmac('sha256', secret).update(body).digest('hex') } };
  },
  payu: (secret) => {
    const fields = { key: 'key', txnid: shortOf(paymentId), amount: '1.00', status: 'failure', mihpayid: '1' };
    return { body: new URLSearchParams({ ...fields, hash: responseHash(fields, secret) }).toString() };
  },
  'pay-later': (secret) => {
    const amounts = { amount_in_paise: 100, captured_in_paise: 0 };
    const times = { authorized_at: null, captured_at: null, expires_at: null };
    const about = { id: 'txn_1', order_id: 'of-others', status: 'voided', approval_url: 'https://lender.example/1' };
    const transaction = { ...about, ...amounts, ...times, declines: [], refunds: [] };
    const body = JSON.stringify({ event: 'transaction.voided', transaction });
    return { body, headers: { [SIGNATURE_HEADER]: sign(secret, Math.floor(Date.now() / 1_000), body) } };
  },
};

test.each(Object.keys(messages))('two secrets of %s are good at once, and are changed while it runs', async (name) => {
  const file = join(dir, `${name}-secrets`);
  writeFileSync(file, 'the-old-secret');
  const env = readEnv({
    DATA_DIR: dir,
    RAZORPAY_WEBHOOK_SECRET_FILE: file,
    PAYU_KEY: 'key',
    PAYU_SALT_FILE: file,
    PAY_LATER_URL: 'https://lender.example',
    PAY_LATER_CLIENT_SECRET: 'client',
    PAY_LATER_WEBHOOK_SECRET_FILE: file,
  });
  const gateway = paymentGateways(env).find((one) => one.name === name);
  const believed = async (secret: string): Promise<boolean> => {
    const { body, headers = {} } = messages[name]?.(secret) ?? { body: '' };
    return (await gateway?.readWebhook(Buffer.from(body), headers)) !== undefined;
  };
  expect([await believed('the-old-secret'), await believed('the-new-secret')]).toEqual([true, false]);
  writeFileSync(file, 'the-new-secret,the-old-secret\n');
  await expect.poll(() => believed('the-new-secret'), { timeout: 5_000 }).toBe(true);
  expect(await believed('the-old-secret')).toBe(true);
  writeFileSync(file, 'the-new-secret\n');
  await expect.poll(() => believed('the-old-secret'), { timeout: 5_000 }).toBe(false);
  expect(await believed('the-new-secret')).toBe(true);
});

test('in production only what is configured is offered', () => {
  const secrets = { JWT_SECRET: 'long enough for this', RAZORPAY_KEY_ID: 'rzp_live_x', RAZORPAY_KEY_SECRET: 'y' };
  const env = readEnv({ NODE_ENV: 'production', DATA_DIR: dir, ...secrets, RAZORPAY_WEBHOOK_SECRET: 'z' });
  expect(paymentGateways(env).map(({ name }) => name)).toEqual(['razorpay', 'cod']);
});
