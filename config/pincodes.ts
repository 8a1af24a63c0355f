/**
 * Which states a pincode may be in, by its first two digits, which are a postal circle's; with the third where one circle
 * serves several (India Post, "PIN code directory"). A pincode that is in none of them is not in use.
 */
import type { Pincode } from '../actors/ids.ts';
import { type StateCode, stateCodeOf } from '../actors/pricing/tax/states.ts';

/** Longest prefix first where two match. */
const CIRCLES: readonly (readonly [prefixes: string, ...isoOfStates: string[]])[] = [
  ['11', 'DL'],
  ['12 13', 'HR'],
  ['14 15', 'PB'],
  ['16', 'PB', 'CH', 'HR'],
  ['17', 'HP'],
  ['18 19', 'JK', 'LA'],
  ['20 21 22 23 27 28', 'UP'],
  ['24 25 26', 'UP', 'UK'],
  ['30 31 32 33 34', 'RJ'],
  ['36 37 38 39', 'GJ', 'DH'],
  ['40', 'MH', 'GA'],
  ['41 42 43 44', 'MH'],
  ['45 46 47 48', 'MP'],
  ['49', 'CG'],
  ['50', 'TS'],
  ['51 52 53', 'AP'],
  ['533', 'AP', 'PY'],
  ['56 57 58 59', 'KA'],
  ['60 61 62 63 64', 'TN'],
  ['605 607 609', 'TN', 'PY'],
  ['67 68 69', 'KL'],
  ['673', 'KL', 'PY'],
  ['682', 'KL', 'LD'],
  ['70 71 72 73 74', 'WB'],
  ['737', 'SK', 'WB'],
  ['744', 'AN'],
  ['75 76 77', 'OD'],
  ['78', 'AS'],
  ['79', 'AR', 'ML', 'MN', 'MZ', 'NL', 'TR'],
  ['80 81 82 83 84 85', 'BR', 'JH'],
];

const STATES_BY_PREFIX: ReadonlyMap<string, ReadonlySet<StateCode>> = new Map(
  CIRCLES.flatMap(([prefixes, ...states]) => {
    const codes = new Set(states.flatMap((state) => stateCodeOf(state) ?? []));
    return prefixes.split(' ').map((prefix) => [prefix, codes] as const);
  }),
);

/** undefined: no such pincode is in use. */
export const statesOfPincode = (pincode: Pincode): ReadonlySet<StateCode> | undefined =>
  STATES_BY_PREFIX.get(pincode.slice(0, 3)) ?? STATES_BY_PREFIX.get(pincode.slice(0, 2));
