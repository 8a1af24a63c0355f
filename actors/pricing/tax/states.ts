/**
 * States and union territories by the code that a GSTIN begins with (GST portal, "State code list"; the same codes are
 * the census' of 2011). 26 is Dadra and Nagar Haveli and Daman and Diu since they were merged (2020-01-26), 25 is no
 * more; 28 was Andhra Pradesh before Telangana, 37 is since.
 */
import type { Branded } from '../../ids.ts';

/** Two digits. */
export type StateCode = Branded<string, 'StateCode'>;

/** Code, name, ISO 3166-2:IN, other names. */
const STATES: readonly (readonly [code: string, name: string, iso: string, ...also: string[]])[] = [
  ['01', 'Jammu and Kashmir', 'JK'],
  ['02', 'Himachal Pradesh', 'HP'],
  ['03', 'Punjab', 'PB'],
  ['04', 'Chandigarh', 'CH'],
  ['05', 'Uttarakhand', 'UK', 'UT', 'Uttaranchal'],
  ['06', 'Haryana', 'HR'],
  ['07', 'Delhi', 'DL', 'New Delhi', 'NCT of Delhi'],
  ['08', 'Rajasthan', 'RJ'],
  ['09', 'Uttar Pradesh', 'UP'],
  ['10', 'Bihar', 'BR'],
  ['11', 'Sikkim', 'SK'],
  ['12', 'Arunachal Pradesh', 'AR'],
  ['13', 'Nagaland', 'NL'],
  ['14', 'Manipur', 'MN'],
  ['15', 'Mizoram', 'MZ'],
  ['16', 'Tripura', 'TR'],
  ['17', 'Meghalaya', 'ML'],
  ['18', 'Assam', 'AS'],
  ['19', 'West Bengal', 'WB'],
  ['20', 'Jharkhand', 'JH'],
  ['21', 'Odisha', 'OD', 'OR', 'Orissa'],
  ['22', 'Chhattisgarh', 'CG', 'CT', 'Chattisgarh'],
  ['23', 'Madhya Pradesh', 'MP'],
  ['24', 'Gujarat', 'GJ'],
  ['26', 'Dadra and Nagar Haveli and Daman and Diu', 'DH', 'DN', 'DD', 'Dadra and Nagar Haveli', 'Daman and Diu'],
  ['27', 'Maharashtra', 'MH'],
  ['29', 'Karnataka', 'KA'],
  ['30', 'Goa', 'GA'],
  ['31', 'Lakshadweep', 'LD'],
  ['32', 'Kerala', 'KL'],
  ['33', 'Tamil Nadu', 'TN', 'Tamilnadu'],
  ['34', 'Puducherry', 'PY', 'Pondicherry'],
  ['35', 'Andaman and Nicobar Islands', 'AN', 'Andaman and Nicobar'],
  ['36', 'Telangana', 'TS', 'TG'],
  ['37', 'Andhra Pradesh', 'AP'],
  ['38', 'Ladakh', 'LA'],
];

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replaceAll(/[^a-z]+/g, ' ')
    .trim();

const CODES: ReadonlyMap<string, StateCode> = new Map(
  STATES.flatMap(([code, ...names]) => names.map((name) => [plain(name), code as StateCode] as const)),
);

/** By its name as people write it in an address, or its two letters. undefined: no such state. */
export const stateCodeOf = (name: string): StateCode | undefined => CODES.get(plain(name));

const NAMES: ReadonlyMap<string, string> = new Map(STATES.map(([code, name]) => [code, name]));
export const stateName = (code: StateCode): string | undefined => NAMES.get(code);

const GSTIN = /^([0-9]{2})[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$/;

/** The state in which a supplier is registered. undefined: not the form of a GSTIN, or of no state (97, 99: elsewhere). */
export function stateOfGstin(gstin: string): StateCode | undefined {
  const code = GSTIN.exec(gstin)?.[1];
  return code !== undefined && NAMES.has(code) ? (code as StateCode) : undefined;
}

/** Without a legislature: the state's half is union territory tax there (UTGST Act, s. 2(8) and s. 7). */
const UNION_TERRITORIES: ReadonlySet<string> = new Set(['04', '26', '31', '35', '38']);
export const levyOf = (code: StateCode): 'sgst' | 'utgst' => (UNION_TERRITORIES.has(code) ? 'utgst' : 'sgst');
