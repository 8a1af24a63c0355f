/** W3C Trace Context (level 2): a trace that comes in goes on, with a span of this gateway's as the new parent. */
import { randomHex } from '../../config/random-hex.ts';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** The traceparent for everything that this request causes. What is not valid is ignored, as the standard says. */
export function traceparentFor(given: string | undefined): string {
  const read = given === undefined ? undefined : parse(given);
  return read === undefined ? `00-${newId(16)}-${newId(8)}-01` : `00-${read.traceId}-${newId(8)}-${read.flags}`;
}

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);

function parse(text: string): { traceId: string; flags: string } | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || flags === undefined || traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  // Version 00 has exactly four fields; ff is forbidden; later ones may have more.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  return { traceId, flags: (Number.parseInt(flags, 16) & 0x03).toString(16).padStart(2, '0') };
}

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;
/** A request id that may stand in logs and headers; anything else is not echoed. */
export const requestIdFrom = (given: string | string[] | undefined): string | undefined =>
  typeof given === 'string' && REQUEST_ID.test(given) ? given : undefined;

/** All zeroes is no id. */
function newId(bytes: number): string {
  const id = randomHex(bytes);
  return /^0+$/.test(id) ? newId(bytes) : id;
}
