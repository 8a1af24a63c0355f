/**
 * Places and passes as clients hold them: `<key id>.<what it says>.<HMAC-SHA256>`. They say who may use them, where and
 * when, so that a gateway believes one that it has never seen. The first key signs, all of them verify: a key is
 * rotated by putting the new one in front and taking the old one out a few hours later.
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export type Token = {
  /** A place in the queue, or the right to go in. The one is never taken for the other. */
  readonly kind: 'place' | 'pass';
  readonly room: string;
  readonly user: string;
  /** The place, in the time of the line. */
  readonly due: number;
  /** Epoch ms. */
  readonly expiresAt: number;
};

export type Tokens = {
  readonly sign: (token: Token) => string;
  /** undefined: not ours, changed, or over. */
  readonly verify: (text: string, now: number) => Token | undefined;
};

type Key = { readonly id: string; readonly secret: Buffer };

const MAX_LENGTH = 400;
const FORM = /^([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/** `secrets`: the first signs. They are not used as they are, so that they may serve for other things too. */
export function createTokens(secrets: readonly [string, ...string[]]): Tokens {
  const keys = secrets.map(keyOf);
  const [first = keyOf(secrets[0])] = keys;
  const mac = ({ id, secret }: Key, said: string): Buffer =>
    createHmac('sha256', secret).update(`${id}.${said}`).digest();

  return {
    sign({ kind, room, user, due, expiresAt }) {
      const fields = [kind, room, user, due.toFixed(3), Math.floor(expiresAt)];
      const said = Buffer.from(fields.join('|')).toString('base64url');
      return `${first.id}.${said}.${mac(first, said).toString('base64url')}`;
    },
    verify(text, now) {
      const [, id, said = '', signature = ''] = (text.length <= MAX_LENGTH ? FORM.exec(text) : null) ?? [];
      const key = keys.find((known) => known.id === id);
      if (key === undefined || !timingSafeEqual(mac(key, said), Buffer.from(signature, 'base64url'))) return undefined;
      const [kind, room = '', user = '', due, expires] = Buffer.from(said, 'base64url').toString().split('|');
      const expiresAt = Number(expires);
      if ((kind !== 'place' && kind !== 'pass') || !(expiresAt > now)) return undefined;
      return { kind, room, user, due: Number(due), expiresAt };
    },
  };
}

function keyOf(secret: string): Key {
  const derived = Buffer.from(hkdfSync('sha256', secret, '', 'haat:waiting-room', 32));
  return { secret: derived, id: createHash('sha256').update(derived).digest('base64url').slice(0, 8) };
}
