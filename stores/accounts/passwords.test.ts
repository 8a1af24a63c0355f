import { expect, test } from 'vitest';
import { createPasswords, PasswordsBusy } from './passwords.ts';

test('a hash verifies its own password only, and two hashes of one password differ', async () => {
  const passwords = createPasswords();
  const [one, two] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=7168,t=5,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await passwords.verify('correct horse', one)).toBe('right');
  expect(await passwords.verify('correct hors', one)).toBe('wrong');
});

test("reads the reference implementation's own test vector, and asks to renew it", async () => {
  // phc-winner-argon2, src/test.c: argon2id, m=65536, t=2, p=1, "password", "somesalt".
  const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  const passwords = createPasswords();
  expect(await passwords.verify('password', stored)).toBe('right-but-outdated');
  expect(await passwords.verify('passwore', stored)).toBe('wrong');
});

test('an unknown user is wrong, whatever the password', async () => {
  const passwords = createPasswords();
  expect(await passwords.verify('', undefined)).toBe('wrong');
});

test('the same letters, composed or not, are the same password', async () => {
  const passwords = createPasswords();
  expect(await passwords.verify('cafe\u0301', await passwords.hash('caf\u00e9'))).toBe('right');
});

test('a burst beyond the bound is refused at once; what was let in is served', async () => {
  const passwords = createPasswords({ concurrency: 1, queue: 2 });
  const results = await Promise.allSettled(Array.from({ length: 5 }, (_, i) => passwords.hash(`password ${i}`)));
  expect(results.map((each) => each.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))[0]).toBeInstanceOf(PasswordsBusy);
  expect(await passwords.hash('afterwards')).toMatch(/^\$argon2id/);
});
