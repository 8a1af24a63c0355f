import { describe, expect, it } from 'vitest';
import { createTokens, type Token } from './tokens.ts';

const NOW = 1_800_000_000_000;
const pass: Token = { kind: 'pass', room: 'site', user: 'usr_asha', due: NOW - 3.25, expiresAt: NOW + 300_000 };
const [old, young] = ['the first secret of the tests', 'the second secret of the tests'] as const;

describe('places and passes', () => {
  const tokens = createTokens([old]);
  const signed = tokens.sign(pass);

  it('say what was signed, until they are over', () => {
    expect(tokens.verify(signed, NOW)).toEqual(pass);
    expect(tokens.verify(signed, pass.expiresAt - 1)).toEqual(pass);
    expect(tokens.verify(signed, pass.expiresAt)).toBeUndefined();
  });

  it('are not believed with any character changed, cut off or added', () => {
    for (let at = 0; at < signed.length; at++) {
      const other = signed[at] === 'A' ? 'B' : 'A';
      // The last character of 32 bytes in base64url has two bits that mean nothing.
      if (at === signed.length - 1) continue;
      const changed = signed.slice(0, at) + other + signed.slice(at + 1);
      expect(tokens.verify(changed, NOW), changed).toBeUndefined();
    }
    for (const odd of ['', '.', '..', signed.slice(0, -1), `${signed}A`, signed.repeat(9)]) {
      expect(tokens.verify(odd, NOW)).toBeUndefined();
    }
  });

  it('are not believed with words of one and the signature of another', () => {
    const other = tokens.sign({ ...pass, user: 'usr_ravi' }).split('.');
    const [id, said] = signed.split('.');
    expect(tokens.verify([id, said, other[2]].join('.'), NOW)).toBeUndefined();
  });

  it('outlive a rotation of the keys, and end when the old key is taken out', () => {
    const rotated = createTokens([young, old]);
    expect(rotated.verify(signed, NOW)).toEqual(pass);
    const anew = rotated.sign(pass);
    expect(tokens.verify(anew, NOW)).toBeUndefined();
    expect(createTokens([young]).verify(anew, NOW)).toEqual(pass);
    expect(createTokens([young]).verify(signed, NOW)).toBeUndefined();
  });
});
