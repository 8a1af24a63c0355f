/**
 * Where only a part of the shoppers is let in, it is the same ones for a while: a purchase is several requests, and a
 * coin tossed for each would let few through all of them. Shoppers stand on a circle, of which a window is let in that
 * goes round, so that everyone's turn comes.
 */
const ROUND_MS = 300_000;
const POSITIONS = 2 ** 20;

/** 0 ≤ part ≤ 1: how much of the circle is let in. */
export function isInTurn(shopper: string, part: number, now: number): boolean {
  const window = ((now % ROUND_MS) / ROUND_MS) * POSITIONS;
  const distance = (positionOf(shopper) - window + POSITIONS) % POSITIONS;
  return distance < part * POSITIONS;
}

/** FNV-1a of the end, which is where a token's signature is; mixed, since the end of the end weighs most. */
function positionOf(shopper: string): number {
  let hash = 0x811c9dc5;
  for (let at = Math.max(0, shopper.length - 16); at < shopper.length; at++) {
    hash = Math.imul(hash ^ shopper.charCodeAt(at), 0x01000193);
  }
  return ((hash ^ (hash >>> 13)) >>> 0) % POSITIONS;
}
