import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SellerId } from '../actors/ids.ts';
import { JWT_SECRET, type TestGateway, testGateway } from './testing/test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const post = (url: string, payload: object, key?: string) =>
  gateway.send({ method: 'POST', url, payload, ...(key === undefined ? {} : { key }) });
const meAs = (token: string) => gateway.send({ url: '/api/users/me', headers: { authorization: `Bearer ${token}` } });

describe('accounts', () => {
  const payload = {
    email: 'Ravi@Example.in',
    phone: '+919812345678',
    password: 'a good password',
    firstName: 'Ravi',
    lastName: 'Iyer',
  };

  it('registers once, and a repeat with the key gets the same tokens', async () => {
    const made = await post('/api/users/register', payload, 'k-register');
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ user: { role: 'customer', version: 1 }, expiresIn: 900 });
    expect(made.headers['cache-control']).toBe('no-store');
    const again = await post('/api/users/register', payload, 'k-register');
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.json()).toEqual(made.json());
    expect((await post('/api/users/register', { ...payload, phone: '+919812345679' })).json().code).toBe('email-taken');
    expect((await post('/api/users/register', { ...payload, email: 'b@example.in' })).json().code).toBe('phone-taken');
  });

  it('logs in by e-mail or phone, and says the same of a wrong password and an unknown account', async () => {
    const { password } = payload;
    expect((await post('/api/users/login', { email: 'ravi@example.in', password })).statusCode).toBe(200);
    expect((await post('/api/users/login', { phone: payload.phone, password })).statusCode).toBe(200);
    const wrong = await post('/api/users/login', { email: payload.email, password: 'not it' });
    const nobody = await post('/api/users/login', { email: 'nobody@example.in', password });
    expect([wrong.statusCode, wrong.body]).toEqual([401, nobody.body]);
    expect((await post('/api/users/login', { email: 'a@b.in', phone: payload.phone, password })).statusCode).toBe(400);
  });

  it('rotates; a token that comes twice ends the session and its access tokens', async () => {
    const who = await gateway.person();
    const next = await post('/api/users/refresh', { refreshToken: who.refreshToken });
    expect(next.statusCode).toBe(200);
    expect((await meAs(next.json().accessToken)).statusCode).toBe(200);
    const stolen = await post('/api/users/refresh', { refreshToken: who.refreshToken });
    expect([stolen.statusCode, stolen.json().code]).toEqual([401, 'invalid-refresh-token']);
    expect((await post('/api/users/refresh', { refreshToken: next.json().refreshToken })).statusCode).toBe(401);
    expect((await meAs(next.json().accessToken)).statusCode).toBe(401);
  });

  it('logs out at once', async () => {
    const who = await gateway.person();
    expect((await meAs(who.token)).statusCode).toBe(200);
    expect((await post('/api/users/logout', { refreshToken: who.refreshToken })).statusCode).toBe(204);
    const refused = await meAs(who.token);
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="haat", error="invalid_token"',
    ]);
  });

  it('takes no token that it did not sign, or that is over, or unsigned', async () => {
    const who = await gateway.person();
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const now = Math.floor(Date.now() / 1_000);
    const claims = { sub: who.id, role: 'admin', sid: 's', iss: 'haat', aud: 'haat', exp: now + 60 };
    const token = (payload: object, { key = JWT_SECRET, alg = 'HS256', hash = 'sha256' } = {}): string => {
      const signed = `${encode({ alg, typ: 'JWT' })}.${encode(payload)}`;
      return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
    };
    const { exp: _, ...endless } = claims;
    const bad = [
      token(claims, { key: 'another secret, also long enough' }),
      token(claims, { alg: 'HS512', hash: 'sha512' }),
      token(claims, { alg: 'none' }),
      `${encode({ alg: 'none' })}.${encode(claims)}.`,
      token({ ...claims, exp: now - 1 }),
      token(endless),
      token({ ...claims, aud: 'somebody else' }),
      token({ ...claims, role: 'king' }),
      who.token.slice(0, -2),
      'x',
    ];
    for (const each of bad) expect((await meAs(each)).statusCode, each).toBe(401);
    expect((await meAs(token(claims))).statusCode).toBe(200);
  });

  it('keeps profiles and addresses apart', async () => {
    const [asha, ravi, admin] = [await gateway.person(), await gateway.person(), await gateway.person('admin')];
    const addressId = await gateway.address(asha);
    const read = (url: string, as: typeof asha) => gateway.send({ url, as }).then(({ statusCode }) => statusCode);
    expect(await read(`/api/users/${asha.id}`, asha)).toBe(200);
    expect(await read(`/api/users/${asha.id}`, ravi)).toBe(404);
    expect(await read(`/api/users/${asha.id}`, admin)).toBe(200);
    expect(await read(`/api/users/${asha.id}/addresses`, ravi)).toBe(404);
    const remove = (url: string, as: typeof asha) => gateway.send({ method: 'DELETE', url, as });
    expect((await remove(`/api/users/me/addresses/${addressId}`, ravi)).statusCode).toBe(404);
    expect((await remove(`/api/users/${asha.id}/addresses/${addressId}`, admin)).statusCode).toBe(404);
    expect((await remove(`/api/users/me/addresses/${addressId}`, asha)).statusCode).toBe(204);
  });

  it('gives stock to operations and to the seller whose it is', async () => {
    const [asha, ops, seller] = [await gateway.person(), await gateway.person('ops'), await gateway.person('seller')];
    const own = await gateway.sell(3);
    const others = await gateway.sell(3, { sellerId: 'sel_other' as SellerId });
    const set = (sku: string, as: typeof asha, onHand: number) =>
      gateway.send({ method: 'PUT', url: `/api/inventory/${sku}/wh_blr`, payload: { onHand }, as });
    expect((await set(own, asha, 9)).statusCode).toBe(403);
    expect((await set(others, seller, 9)).json().code).toBe('unknown-sku');
    expect((await set(own, seller, 9)).json()).toMatchObject({ sku: own, available: 9, reserved: 0 });
    expect((await set(others, ops, 4)).json()).toMatchObject({ available: 4 });
    const adjust = { method: 'POST', url: `/api/inventory/${own}/wh_blr/adjustments`, as: seller } as const;
    const payload = { delta: -2, reason: 'damaged' };
    expect((await gateway.send({ ...adjust, payload, key: 'a' })).json().available).toBe(7);
    expect((await gateway.send({ ...adjust, payload, key: 'a' })).json().available).toBe(7);
    expect((await gateway.send({ ...adjust, payload: { ...payload, delta: -8 } })).json().code).toBe('below-reserved');
    expect((await gateway.send({ url: `/api/inventory/${own}/ledger`, as: seller })).statusCode).toBe(200);
  });
});
