import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../brokers/launcher/eventually.ts';
import { type Person, type TestGateway, testGateway } from './testing/test-gateway.ts';

let gateway: TestGateway;
let origin: string;
beforeAll(async () => {
  gateway = await testGateway();
  origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function order(as: Person): Promise<string> {
  const { addressId } = await gateway.buy(as, await gateway.sell(5));
  const payload = { addressId, payment: { method: 'upi' } };
  return (await gateway.send({ method: 'POST', url: '/api/orders', payload, as, key: `k-${addressId}` })).json().id;
}

const cancel = (as: Person, id: string) =>
  gateway.send({
    method: 'POST',
    url: `/api/orders/${id}/cancel`,
    payload: { reason: 'changed my mind' },
    as,
    key: id,
  });

function follow(as: Person, id: string, lastEventId?: string) {
  const leaving = new AbortController();
  const seen: string[] = [];
  const opened = fetch(`${origin}/api/orders/${id}/events`, {
    signal: leaving.signal,
    headers: {
      authorization: `Bearer ${as.token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });
  const done = opened.then(async ({ body }) => {
    let text = '';
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      seen.splice(0, seen.length, ...text.split('\n').filter((line) => /^(id|data):/.test(line)));
    }
  });
  done.catch(() => {});
  return { opened, seen, done, leave: () => leaving.abort() };
}

describe('order events', () => {
  it('tells what was, then what comes, and ends with the order; then it is 204', async () => {
    const asha = await gateway.person();
    const id = await order(asha);
    const { opened, seen, done } = follow(asha, id);
    const response = await opened;
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('ratelimit')).toBeTruthy();
    await eventually(() => seen.some((line) => line.includes('PAYMENT_PENDING')));
    expect((await cancel(asha, id)).statusCode).toBe(200);
    await done;
    const ids = seen.filter((line) => line.startsWith('id:'));
    expect(seen.at(-1)).toContain('"status":"CANCELLED"');
    expect(ids.length).toBe(3);

    const rest = follow(asha, id, ids.at(-2)?.slice(4));
    await rest.done;
    expect(rest.seen.filter((line) => line.startsWith('data:')).length).toBe(1);
    const over = follow(asha, id, ids.at(-1)?.slice(4));
    expect((await over.opened).status).toBe(204);
    const odd = follow(asha, id, 'x');
    expect((await odd.opened).status).toBe(400);
    // How long somebody listened is no answer's time.
    const { body } = await gateway.send({ url: '/metrics' });
    expect(body).not.toMatch(/route="\/api\/orders\/:id\/events",status="200"/);
    expect(body).toMatch(/route="\/api\/orders\/:id\/events",status="400"/);
  });

  it('gives one account five streams at a time, and takes them back', async () => {
    const asha = await gateway.person();
    const id = await order(asha);
    const streams = Array.from({ length: 5 }, () => follow(asha, id));
    for (const { opened } of streams) expect((await opened).status).toBe(200);
    const sixth = await gateway.send({ url: `/api/orders/${id}/events`, as: asha });
    expect([sixth.statusCode, sixth.json().code]).toEqual([429, 'too-many-streams']);
    streams[0]?.leave();
    await eventually(async () => {
      const next = follow(asha, id);
      streams.push(next);
      return (await next.opened).status === 200;
    });
    for (const { leave } of streams) leave();
  });

  it('ends its streams when the gateway closes', async () => {
    const other = await testGateway();
    const at = await other.app.listen({ host: '127.0.0.1', port: 0 });
    const asha = await other.person();
    const { addressId } = await other.buy(asha, await other.sell(5));
    const payload = { addressId, payment: { method: 'upi' } };
    const { id } = (await other.send({ method: 'POST', url: '/api/orders', payload, as: asha, key: 'k' })).json();
    const stream = await fetch(`${at}/api/orders/${id}/events`, { headers: { authorization: `Bearer ${asha.token}` } });
    const text = stream.text();
    await other[Symbol.asyncDispose]();
    expect(await text).toContain('PAYMENT_PENDING');
  });
});
