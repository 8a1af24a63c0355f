/**
 * Our ids are 36 characters, PayU takes 25 in a `txnid` and 23 in a refund's token
 * (https://docs.payu.in/docs/refund-transaction-api). Their 128 bits are 22 letters and digits, which lead back to the id.
 */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = BigInt(ALPHABET.length);
const LENGTH = 22;

/** `pay_` and 32 hex digits → 22 letters and digits. */
export function shortOf(id: string): string {
  const [, hex] = /^[a-z]{3}_([0-9a-f]{32})$/.exec(id) ?? [];
  if (hex === undefined) throw new RangeError(`not an id of ours: ${id}`);
  let short = '';
  for (let rest = BigInt(`0x${hex}`); short.length < LENGTH; rest /= BASE)
    short = (ALPHABET[Number(rest % BASE)] ?? '') + short;
  return short;
}

/** undefined: not one that we have made. */
export function longOf<Prefix extends string>(prefix: Prefix, short: string): `${Prefix}_${string}` | undefined {
  if (short.length !== LENGTH) return undefined;
  let bits = 0n;
  for (const character of short) {
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return undefined;
    bits = bits * BASE + BigInt(digit);
  }
  return bits < 1n << 128n ? `${prefix}_${bits.toString(16).padStart(32, '0')}` : undefined;
}

/** A token of a refund: once per try, as one that failed may be tried again and PayU takes each token once. */
export const tokenOf = (refundId: string, attempt: number): string => {
  const mark = ALPHABET[attempt];
  if (mark === undefined) throw new RangeError(`a refund is not tried ${attempt} times`);
  return shortOf(refundId) + mark;
};

export const refundIdOf = (token: string): `rfd_${string}` | undefined => longOf('rfd', token.slice(0, LENGTH));
