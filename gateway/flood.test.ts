import { type Socket, connect as tcp } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../brokers/launcher/eventually.ts';
import { CALM } from './overload/controller.ts';
import { Gate } from './overload/gate.ts';
import { PRIORITIES } from './overload/priorities.ts';
import { type TestGateway, testGateway } from './testing/test-gateway.ts';

const AT = (level: number, most = 512) => new Gate({ control: { ...CALM, level }, most });
/** All of class 1 and nothing else. */
const FIRST_CLASS = PRIORITIES.second.rank;
const WEBHOOK = '/api/payments/webhooks/razorpay';

const sockets: Socket[] = [];
const hangUp = (): void => {
  for (const socket of sockets.splice(0)) socket.destroy();
};
afterEach(hangUp);

async function listening(gateway: TestGateway): Promise<(text: string) => Promise<{ socket: Socket; said: string }>> {
  await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const address = gateway.app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return (text) =>
    new Promise((resolve, reject) => {
      const connection = { socket: tcp(port, '127.0.0.1', () => connection.socket.write(text, done)), said: '' };
      const done = (): void => resolve(connection);
      connection.socket.on('data', (data) => (connection.said += data.toString()));
      connection.socket.on('error', reject);
      sockets.push(connection.socket);
    });
}

it('sheds first what has no right to come, whatever path it names', async () => {
  await using gateway = await testGateway({ deps: { gate: AT(FIRST_CLASS) } });
  const codeOf = async (options: Parameters<TestGateway['send']>[0]) =>
    (await gateway.send({ method: 'POST', payload: {}, ...options })).json().code;
  const asha = await gateway.person();
  expect(await codeOf({ url: '/api/orders' })).toBe('overloaded');
  expect(await codeOf({ url: '/api/orders', headers: { authorization: 'Bearer e30.e30.x' } })).toBe('overloaded');
  expect(await codeOf({ url: '/api/cart/items', as: { ...asha, token: `${asha.token}x` } })).toBe('overloaded');
  expect(await codeOf({ url: '/api/sales', as: asha })).not.toBe('forbidden');
  expect(await codeOf({ url: '/api/orders', as: asha })).not.toBe('overloaded');
  expect(await codeOf({ url: '/api/users/login' })).toBe('invalid-request');
});

it('sheds first whoever has used up a quota', async () => {
  await using gateway = await testGateway({ deps: { gate: AT(FIRST_CLASS) }, settings: { rateLimitFactor: 0.2 } });
  const codes: string[] = [];
  for (let n = 0; n < 8; n++) {
    codes.push((await gateway.send({ method: 'POST', url: '/api/users/login', payload: {} })).json().code);
  }
  expect(codes).toEqual([...Array(6).fill('invalid-request'), 'overloaded', 'overloaded']);
});

it('sheds first who sends forged notices of payments, and nobody else', async () => {
  await using gateway = await testGateway({ deps: { gate: AT(FIRST_CLASS) }, settings: { rateLimitFactor: 0.2 } });
  const notice = async (remoteAddress: string) =>
    (await gateway.send({ method: 'POST', url: WEBHOOK, payload: '{}', remoteAddress })).json().code;
  const codes: string[] = [];
  for (let n = 0; n < 14; n++) codes.push(await notice('192.0.2.1'));
  expect(codes).toEqual([...Array(12).fill('bad-signature'), 'overloaded', 'overloaded']);
  expect(await notice('192.0.2.2')).toBe('bad-signature');
});

it('gives no place to a body that does not come', async () => {
  const gate = AT(CALM.level, 4);
  await using gateway = await testGateway({ deps: { gate } });
  const connection = await listening(gateway);
  const slow = `POST ${WEBHOOK} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
  await Promise.all(Array.from({ length: 8 }, () => connection(slow)));
  const other = await connection('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => other.said.includes('200 OK'));
  expect(gate.inFlight).toBe(0);
  const who = await connection('GET /api/products HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => who.said !== '');
  expect(who.said).toContain('200 OK');
  hangUp();
});

it('has no more in flight than may be, when bodies come together', async () => {
  const gate = AT(CALM.level, 0);
  await using gateway = await testGateway({ deps: { gate } });
  const answer = await gateway.send({ method: 'POST', url: WEBHOOK, payload: '{}' });
  expect(answer.json().code).toBe('overloaded');

  const one = AT(CALM.level, 2);
  await using busy = await testGateway({ deps: { gate: one } });
  const connection = await listening(busy);
  const head = `POST ${WEBHOOK} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n`;
  const waiting = await connection(head);
  const after = await connection('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
  await eventually(() => after.said.includes('200 OK'));
  // Meanwhile the places are taken.
  while (one.take(PRIORITIES.payment.rank));
  waiting.socket.write('{}');
  await eventually(() => waiting.said !== '');
  expect(waiting.said).toMatch(/^HTTP\/1.1 503 .*retry-after: [1-4]\r\n.*"code":"overloaded"/is);
});

it('lets go of who says nothing, and of who does not come to an end', { timeout: 30_000 }, async () => {
  await using gateway = await testGateway();
  const { server } = gateway.app;
  expect(server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 72_000 });
  const connection = await listening(gateway);
  const began = performance.now();
  const silent = await connection('');
  const slow = await connection('GET /api/products HTTP/1.1\r\nHost: a\r\nX-A: b\r\n');
  await eventually(() => silent.said !== '' && slow.said !== '', { withinMs: 16_000 });
  for (const { said } of [silent, slow]) expect(said).toMatch(/^HTTP\/1.1 408 .*"code":"request-timeout"/s);
  expect(performance.now() - began).toBeGreaterThan(9_000);
});

it('closes connections beyond their number as they come, and serves those that are there', async () => {
  await using gateway = await testGateway({ settings: { maxConnections: 2 } });
  const connection = await listening(gateway);
  const ask = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n';
  const [first, second] = await Promise.all([connection(ask), connection(ask)]);
  await eventually(() => first.said.includes('200 OK') && second.said.includes('200 OK'));
  const third = await connection('');
  await eventually(() => third.socket.closed);
  expect(third.said).toBe('');
  first.said = '';
  first.socket.write(ask);
  await eventually(() => first.said.includes('200 OK'));
  second.socket.destroy();
  await eventually(async () => {
    const fourth = await connection(ask);
    await eventually(() => fourth.said !== '' || fourth.socket.closed);
    return fourth.said.includes('200 OK');
  });
  expect((await gateway.send({ url: '/metrics' })).body).toMatch(/haat_http_connections_refused_total [1-9]/);
  expect(gateway.logged).toContainEqual(expect.objectContaining({ event: 'connections-full', most: 2 }));
});
