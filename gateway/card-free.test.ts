/** PCI DSS: no card number passes, whatever request it is in, and none is logged. */
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Person, type TestGateway, testGateway } from './testing/test-gateway.ts';

const CARD = '4111 1111 1111 1111';
const DETAIL = 'This looks like a card number. Cards are typed on the payment page only; nothing of it was kept.';
const refusal = { type: expect.stringContaining('invalid-request'), status: 400, detail: DETAIL };
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

let shop: TestGateway;
let people: readonly Person[];
beforeAll(async () => {
  shop = await testGateway({
    settings: { refuseCards: true, shedding: false, waitingRoom: { siteRate: 0, saleRate: 0 } },
  });
  people = [await shop.person(), await shop.person('seller'), await shop.person('ops'), await shop.person('admin')];
});
afterAll(() => shop[Symbol.asyncDispose]());

/** The first answer to anybody who may ask it. */
async function answerTo(request: InjectOptions) {
  const refused = [401, 403];
  for (const as of people) {
    const answer = await shop.send({ ...request, as, key: `key-${Math.random()}` });
    if (!refused.includes(answer.statusCode)) return answer;
  }
  return shop.send(request);
}

describe('a card number', () => {
  it('is refused by every operation that takes a body, in a value, a name or a number', async () => {
    const { paths } = document.parse((await shop.send({ method: 'GET', url: '/openapi.json' })).json());
    const writing = Object.entries(paths).flatMap(([path, operations]) =>
      (['post', 'put'] as const).flatMap((method) => (operations[method] === undefined ? [] : [{ path, method }])),
    );
    const asked = writing.filter(({ path }) => !path.startsWith('/api/payments/webhooks'));
    expect(asked.length).toBeGreaterThan(15);
    const bodies = [
      { note: CARD },
      { deep: [{ er: `card ${CARD} 12/27` }] },
      { [CARD]: 1 },
      { n: 4_111_111_111_111_111 },
    ];
    for (const { path, method } of asked) {
      const url = path.replace(/\{\w+\}/g, '0190a1b2');
      for (const payload of bodies) {
        const answer = await answerTo({ method: method === 'post' ? 'POST' : 'PUT', url, payload });
        expect({ path, ...answer.json() }).toMatchObject({ path, ...refusal });
      }
    }
  });

  it('is refused in an address and in a query', async () => {
    for (const url of [`/api/products/4111111111111111`, `/api/products?q=${encodeURIComponent(CARD)}`])
      expect((await answerTo({ method: 'GET', url })).json()).toMatchObject(refusal);
  });

  it('in an address of delivery is refused, and the address without it is taken', async () => {
    const [buyer] = people;
    if (buyer === undefined) throw new Error('nobody');
    const address = {
      line1: CARD,
      city: 'Bengaluru',
      state: 'Karnataka',
      pincode: '560001',
      type: 'home',
      name: 'Asha',
      phone: '+919876543210',
    };
    const url = '/api/users/me/addresses';
    expect((await shop.send({ method: 'POST', url, payload: address, as: buyer })).statusCode).toBe(400);
    expect(await shop.address(buyer)).toMatch(/^adr_/);
  });

  it('is in no log line of all that', () => {
    expect(JSON.stringify(shop.logged).replace(/[ .-]/g, '')).not.toContain('4111111111111111');
  });
});
