import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EnvInvalid, readEnv } from './env.ts';

const dir = mkdtempSync(join(tmpdir(), 'haat-env-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const credentials = {
  JWT_SECRET: 'a-secret-of-enough-letters',
  RAZORPAY_KEY_ID: 'rzp_live_x',
  RAZORPAY_KEY_SECRET: 'y',
  RAZORPAY_WEBHOOK_SECRET: 'z',
};

test('nothing set: one machine, on the documented ports', () => {
  const env = readEnv({ DATA_DIR: dir });
  expect(env).toMatchObject({
    production: false,
    port: 3000,
    simulatorPort: 4010,
    simulatorUrl: 'http://localhost:4010',
    reservationSeconds: 600,
    rateLimitFactor: 1,
    streamReplicas: 1,
    natsSyncInterval: '2m',
    natsUrl: undefined,
    razorpay: { simulated: true },
  });
});

test('secrets are made once, and only their owner may read them', () => {
  const first = readEnv({ DATA_DIR: dir });
  const again = readEnv({ DATA_DIR: dir });
  expect(again.jwtSecret).toBe(first.jwtSecret);
  expect(again.razorpay).toEqual(first.razorpay);
  expect(first.jwtSecret.length).toBeGreaterThanOrEqual(32);
  expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(dir, 'secrets.json'), 'utf8')).toContain(first.jwtSecret);
});

test('production wants every secret, and names all that are missing at once', () => {
  const start = () => readEnv({ NODE_ENV: 'production', DATA_DIR: dir });
  expect(start).toThrow(EnvInvalid);
  for (const name of Object.keys(credentials)) expect(start).toThrow(`${name}: must be set in production`);
  expect(readEnv({ NODE_ENV: 'production', DATA_DIR: join(dir, 'none'), ...credentials })).toMatchObject({
    production: true,
    jwtSecret: credentials.JWT_SECRET,
    razorpay: { simulated: false },
  });
});

test('an own webhook secret alone leaves the simulator on', () => {
  const env = readEnv({ DATA_DIR: dir, RAZORPAY_WEBHOOK_SECRET: 'known-to-the-test' });
  expect(env.razorpay).toMatchObject({ webhookSecret: 'known-to-the-test', simulated: true });
});

test('a file may hold the webhook secret instead, in production too', () => {
  const { RAZORPAY_WEBHOOK_SECRET, ...others } = credentials;
  const file = { RAZORPAY_WEBHOOK_SECRET_FILE: '/run/secrets/razorpay' };
  const env = readEnv({ NODE_ENV: 'production', DATA_DIR: join(dir, 'none'), ...others, ...file });
  expect(env.razorpay).toMatchObject({ webhookSecret: '', webhookSecretFile: '/run/secrets/razorpay' });
  expect(() => readEnv({ DATA_DIR: dir, RAZORPAY_WEBHOOK_SECRET, ...file })).toThrow('set one of them');
});

test.each([
  ['PORT', '70000'],
  ['PORT', 'web'],
  ['NATS_URL', 'localhost:4222'],
  ['DATABASE_URL', 'mysql://x'],
  ['STREAM_REPLICAS', '2'],
  ['NATS_SYNC_INTERVAL', 'never'],
  ['RESERVATION_SECONDS', '0'],
  ['RATE_LIMIT_FACTOR', '-1'],
  ['JWT_SECRET', 'short'],
  ['RAZORPAY_KEY_ID', 'without-its-secret'],
  ['TYPESENSE_URL', 'http://localhost:8108'],
])('%s=%s is refused by name', (name, value) => {
  expect(() => readEnv({ DATA_DIR: dir, [name]: value })).toThrow(name);
});

test('an empty variable is one that is not set; a relative DATA_DIR is below the checkout', () => {
  const env = readEnv({ PORT: '', NATS_URL: '', DATA_DIR: dir });
  expect(env).toMatchObject({ port: 3000, natsUrl: undefined });
  expect(readEnv({ ...credentials, NODE_ENV: 'production', DATA_DIR: '.haat-b' }).dataDir).toBe(
    join(import.meta.dirname, '..', '.haat-b'),
  );
});

test('SIMULATOR_URL on this machine also says which port the simulator takes', () => {
  expect(readEnv({ DATA_DIR: dir, SIMULATOR_URL: 'http://localhost:5010' }).simulatorPort).toBe(5010);
  expect(readEnv({ DATA_DIR: dir, SIMULATOR_URL: 'http://simulator:5010' }).simulatorPort).toBe(4010);
  expect(readEnv({ DATA_DIR: dir, SIMULATOR_PORT: '5011' }).simulatorUrl).toBe('http://localhost:5011');
});

test('several NATS servers may be named', () => {
  const urls = 'nats://a:4222,nats://b:4222';
  expect(readEnv({ DATA_DIR: dir, NATS_URL: urls }).natsUrl).toBe(urls);
});

test('the simulator plays PayU and the lender too, also in a data folder of before there were any', () => {
  const kept: Record<string, string> = JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8'));
  const {
    payuKey: _key,
    payuSalt: _salt,
    payLaterClientSecret: _client,
    payLaterWebhookSecret: _hooks,
    ...older
  } = kept;
  const old = mkdtempSync(join(dir, 'old-'));
  writeFileSync(join(old, 'secrets.json'), JSON.stringify(older));
  const env = readEnv({ DATA_DIR: old });
  expect(env.payu).toMatchObject({ key: expect.stringMatching(/^.{6}$/), simulated: true });
  expect(env.payLater).toMatchObject({ apiUrl: `${env.simulatorUrl}/pay-later`, simulated: true });
  expect(readEnv({ DATA_DIR: old })).toMatchObject({ payu: env.payu, payLater: env.payLater });
  expect(readFileSync(join(old, 'secrets.json'), 'utf8')).toBe(JSON.stringify(older));
});

test('in production PayU and the lender are offered where they are configured, whole', () => {
  const production = { NODE_ENV: 'production', DATA_DIR: join(dir, 'none'), ...credentials };
  expect(readEnv(production)).toMatchObject({ payu: undefined, payLater: undefined });
  const payu = { PAYU_KEY: 'k', PAYU_SALT_FILE: '/run/secrets/payu' };
  const lender = {
    PAY_LATER_URL: 'https://lender.example',
    PAY_LATER_CLIENT_SECRET: 'c',
    PAY_LATER_WEBHOOK_SECRET: 'new,old',
  };
  expect(readEnv({ ...production, ...payu, ...lender })).toMatchObject({
    payu: { key: 'k', salts: { file: '/run/secrets/payu' }, simulated: false },
    payLater: { apiUrl: 'https://lender.example', webhookSecrets: { list: 'new,old' }, simulated: false },
  });
  expect(() => readEnv({ ...production, PAYU_KEY: 'k' })).toThrow('PAYU_SALT');
  expect(() => readEnv({ ...production, ...lender, PAY_LATER_URL: '' })).toThrow('PAY_LATER_URL');
});
