/**
 * How far a parcel goes, in the words of Indian couriers' rate cards. The first digit of a pincode is its postal region,
 * the first three its sorting district (India Post), which is a city for all that a rate card cares.
 */
import type { Pincode } from '../../ids.ts';
import type { StateCode } from '../tax/states.ts';

export type Zone = 'local' | 'state' | 'metro' | 'regional' | 'rest' | 'special';
export type Place = { readonly pincode: Pincode; readonly state: StateCode };

/** Delhi, Mumbai, Kolkata, Chennai, Bengaluru, Hyderabad, Ahmedabad, Pune. */
const METROS: ReadonlySet<string> = new Set(['110', '400', '700', '600', '560', '500', '380', '411']);
/** Jammu and Kashmir, Ladakh, the north-east with Sikkim, the islands. */
const SPECIAL: ReadonlySet<string> = new Set(['01', '38', '11', '12', '13', '14', '15', '16', '17', '18', '31', '35']);

const district = ({ pincode }: Place): string => pincode.slice(0, 3);

/** The first that fits: same city, same state, to or from a special state, metro to metro, same region, the rest. */
export function zoneOf(from: Place, to: Place): Zone {
  if (district(from) === district(to)) return 'local';
  if (from.state === to.state) return 'state';
  if (SPECIAL.has(from.state) || SPECIAL.has(to.state)) return 'special';
  if (METROS.has(district(from)) && METROS.has(district(to))) return 'metro';
  return from.pincode[0] === to.pincode[0] ? 'regional' : 'rest';
}
