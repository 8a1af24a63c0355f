/**
 * PayU's hashes: SHA-512 over values between pipes, with the merchant's salt at the end of what we send and at the front of
 * what PayU sends. https://docs.payu.in/docs/hashing-request-and-response · …/docs/authentication-with-payu-apis
 */
import { createHash, timingSafeEqual } from 'node:crypto';

const UDF = ['udf1', 'udf2', 'udf3', 'udf4', 'udf5'] as const;
const HASHED = ['key', 'txnid', 'amount', 'productinfo', 'firstname', 'email', ...UDF] as const;
/** Between udf5 and the salt (or the status) stand five values that are always empty. */
const EMPTY = ['', '', '', '', ''];

export type Fields = Readonly<Record<string, string | undefined>>;

const sha512 = (values: readonly string[]): string => createHash('sha512').update(values.join('|')).digest('hex');
const valuesOf = (fields: Fields): readonly string[] => HASHED.map((name) => fields[name] ?? '');

/** key|txnid|amount|productinfo|firstname|email|udf1|…|udf5||||||salt */
export const requestHash = (fields: Fields, salt: string): string => sha512([...valuesOf(fields), ...EMPTY, salt]);

/** salt|status||||||udf5|…|udf1|email|firstname|productinfo|amount|txnid|key, after additional charges if there are any. */
export function responseHash(fields: Fields, salt: string): string {
  const charges = chargesOf(fields);
  const values = [salt, fields['status'] ?? '', ...EMPTY, ...valuesOf(fields).toReversed()];
  return sha512(charges === undefined ? values : [charges, ...values]);
}

/** key|command|var1|salt */
export const commandHash = (key: string, command: string, var1: string, salt: string): string =>
  sha512([key, command, var1, salt]);

/** PayU's documents spell it in both ways. https://docs.payu.in/docs/collect-additional-charges */
const chargesOf = (fields: Fields): string | undefined =>
  fields['additionalCharges'] || fields['additional_charges'] || undefined;

/**
 * Whether PayU has said this, by any of our salts, in constant time. A pipe within a value would let one text be read as
 * other fields: there is none in what we send, so none is believed. Of what PayU says, `mihpayid` and the time are not
 * covered: see webhook.ts.
 */
export function isAuthentic(fields: Fields, salts: readonly string[]): boolean {
  const { hash = '', status = '' } = fields;
  if (!/^[0-9a-f]{128}$/i.test(hash)) return false;
  if ([...valuesOf(fields), status, chargesOf(fields) ?? ''].some((value) => value.includes('|'))) return false;
  const given = Buffer.from(hash, 'hex');
  let authentic = false;
  for (const salt of salts) {
    // All are tried, so that the time does not tell which one it was.
    if (timingSafeEqual(Buffer.from(responseHash(fields, salt), 'hex'), given)) authentic = true;
  }
  return authentic;
}
