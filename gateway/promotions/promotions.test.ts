/** Offers as operations declare, watch and end them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OrderId, type PromotionId, paise, type UserId } from '../../actors/ids.ts';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { type Person, type TestGateway, testGateway } from '../testing/test-gateway.ts';
import { QuotasLeft } from './quotas-left.ts';

const HOUR = 3_600_000;
let gateway: TestGateway;
let ops: Person;
beforeAll(async () => {
  gateway = await testGateway();
  ops = await gateway.person('ops');
});
afterAll(() => gateway[Symbol.asyncDispose]());

const input = (more: object = {}) => ({
  title: 'A tenth off',
  benefit: { type: 'percent', basisPoints: 1_000 },
  endsAt: new Date(Date.now() + HOUR).toISOString(),
  ...more,
});
const declare = (more: object = {}, as = ops, key?: string) =>
  gateway.send({ method: 'POST', url: '/api/promotions', payload: input(more), as, ...(key ? { key } : {}) });
const post = (id: string, what: string) =>
  gateway.send({ method: 'POST', url: `/api/promotions/${id}/${what}`, as: ops });
const get = async (id: string) => (await gateway.send({ url: `/api/promotions/${id}`, as: ops })).json();
const claim = (id: string, n: number) => {
  const [orderId, customer] = [`ord_${n}` as OrderId, `usr_${n}` as UserId];
  return gateway.live.actors
    .quota(id as PromotionId)
    .claim({ orderId, customer, amount: paise(10_00), expiresAt: Date.now() + HOUR });
};
let codes = 0;
const newCode = () => `TEST${Date.now().toString(36).toUpperCase()}${++codes}`;

describe('declaring', () => {
  it('a coupon: its code is its id, and given out once', async () => {
    const code = newCode();
    const limits = { uses: 2, budget: null, perCustomer: 1 };
    const made = await declare({ code: code.toLowerCase(), limits, cap: 20_000 });
    expect(made).toMatchObject({ statusCode: 201 });
    expect(made.headers.location).toBe(`/api/promotions/prm_${code}`);
    expect(made.json()).toMatchObject({
      ...{ id: `prm_${code}`, code, status: 'active', limits, cap: 20_000, minimum: null, priority: 100 },
      usage: { held: 0, confirmed: 0, spent: 0, left: { uses: 2, budget: null } },
    });
    const again = await declare({ code, title: 'Another' });
    expect([again.statusCode, again.json().code]).toEqual([409, 'code-taken']);
  });

  it('an automatic offer, once for a key', async () => {
    const key = `offer-${newCode()}`;
    const body = input();
    const send = () => gateway.send({ method: 'POST', url: '/api/promotions', payload: body, as: ops, key });
    const [first, second] = [await send(), await send()];
    expect(first.json()).toMatchObject({ code: null, usage: null, stacking: { type: 'stackable' } });
    expect(second.json().id).toBe(first.json().id);
  });

  it('is for operations, and for offers that make sense', async () => {
    expect((await declare({}, await gateway.person())).statusCode).toBe(403);
    expect((await gateway.send({ url: '/api/promotions', as: await gateway.person('seller') })).statusCode).toBe(403);
    const refused = async (more: object) => {
      const answer = await declare(more);
      return [answer.statusCode, ...answer.json().errors.map(({ path }: { path: string }) => path)];
    };
    expect(await refused({ endsAt: new Date(Date.now() - HOUR).toISOString() })).toEqual([400, 'endsAt']);
    expect(await refused({ code: 'NO-DASH' })).toEqual([400, 'code']);
    expect(await refused({ benefit: { type: 'percent', basisPoints: 10_001 } })).toEqual([400, 'benefit.basisPoints']);
    expect(await refused({ limits: { uses: 0 } })).toEqual([400, 'limits.uses']);
    expect(await refused({ minimum: 10.5 })).toEqual([400, 'minimum']);
  });
});

describe('while it is on', () => {
  it('is paused, goes on and ends; claims are refused and granted as it does', async () => {
    const { id } = (await declare({ code: newCode(), limits: { uses: 5 } })).json();
    expect(await claim(id, 1)).toMatchObject({ ok: true });
    expect((await post(id, 'pause')).json()).toMatchObject({ status: 'paused', usage: { held: 1, left: { uses: 4 } } });
    expect(await claim(id, 2)).toMatchObject({ ok: false, rejection: { type: 'offer-paused' } });
    expect((await post(id, 'resume')).json()).toMatchObject({ status: 'active' });
    expect(await claim(id, 2)).toMatchObject({ ok: true });
    expect((await post(id, 'end')).json()).toMatchObject({ status: 'ended', usage: { held: 2 } });
    expect(await claim(id, 3)).toMatchObject({ ok: false, rejection: { type: 'offer-paused' } });
    const over = await post(id, 'resume');
    expect([over.statusCode, over.json().code]).toEqual([409, 'promotion-over']);
    expect((await post('prm_NEVER', 'pause')).statusCode).toBe(404);
    expect((await gateway.send({ url: '/api/promotions/prm_NEVER', as: ops })).statusCode).toBe(404);
  });

  it('its limits can be changed, not below what is claimed, and not by who saw another version', async () => {
    const { id, version } = (await declare({ code: newCode(), limits: { uses: 2 } })).json();
    for (const n of [1, 2]) await claim(id, n);
    expect(await claim(id, 3)).toMatchObject({ ok: false, rejection: { type: 'offer-exhausted' } });
    const put = (limits: object, headers = {}) =>
      gateway.send({ method: 'PUT', url: `/api/promotions/${id}/limits`, payload: limits, as: ops, headers });
    expect((await put({ uses: 1 })).json().code).toBe('below-claimed');
    expect((await put({ uses: 3 }, { 'if-match': `"v${version + 1}"` })).statusCode).toBe(412);
    const raised = await put({ uses: 3 }, { 'if-match': `"v${version}"` });
    expect(raised.json()).toMatchObject({ limits: { uses: 3, budget: null }, usage: { left: { uses: 1 } } });
    expect(await claim(id, 3)).toMatchObject({ ok: true });
    // Unlimited: what is counted stays counted, and nobody is refused.
    expect((await put({})).statusCode).toBe(200);
    expect(await claim(id, 4)).toMatchObject({ ok: true });
  });

  it('limits that come later count from then on, and of a paused offer nothing can be claimed', async () => {
    const { id } = (await declare({ code: newCode() })).json();
    await post(id, 'pause');
    const put = { method: 'PUT', url: `/api/promotions/${id}/limits`, payload: { uses: 1 }, as: ops } as const;
    expect((await gateway.send(put)).json()).toMatchObject({ status: 'paused', limits: { uses: 1 } });
    expect(await claim(id, 1)).toMatchObject({ ok: false, rejection: { type: 'offer-paused' } });
    await post(id, 'resume');
    expect(await claim(id, 1)).toMatchObject({ ok: true });
    expect((await get(id)).usage).toMatchObject({ held: 1 });
  });
});

it('of those asked for, the ones with nothing left are told, and asked again only after a second', async () => {
  const made = await Promise.all([1, 2].map(() => declare({ code: newCode(), limits: { uses: 1 } })));
  const [gone, left] = made.map((answer) => answer.json().id as PromotionId);
  if (gone === undefined || left === undefined) throw new Error('not declared');
  await claim(gone, 1);
  const quotas = new QuotasLeft(gateway.live.actors);
  expect(await quotas.exhausted([gone, left])).toEqual({ [gone]: 'offer-exhausted' });
  await claim(left, 1);
  expect(await quotas.exhausted([gone, left])).toEqual({ [gone]: 'offer-exhausted' });
  await eventually(async () => left in (await quotas.exhausted([left])), { withinMs: 5_000, what: 'told' });
  gateway.live.fail(new Error('away'));
  expect(await new QuotasLeft(gateway.live.actors).exhausted([gone])).toEqual({});
  gateway.live.fail(undefined);
});

it('the list, the last first, page by page', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.unshift((await declare({ title: `List ${n}` })).json().id);
  await post(ids[1] ?? '', 'pause');
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const url: string = `/api/promotions?limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await gateway.send({ url, as: ops })).json();
    seen.push(...page.data.map(({ id }: { id: string }) => id));
    cursor = page.nextCursor;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((id) => ids.includes(id)).sort()).toEqual(ids.toSorted());
  const paused = (await gateway.send({ url: '/api/promotions?status=paused&limit=100', as: ops })).json();
  expect(paused.data.map(({ id }: { id: string }) => id)).toContain(ids[1]);
});
