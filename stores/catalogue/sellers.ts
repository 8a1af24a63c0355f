/** Where sellers are registered and send from: master data. Who is not here sells through Haat's own first warehouse. */
import type { Pincode, SellerId } from '../../actors/ids.ts';
import type { Place } from '../../actors/pricing/shipping/zones.ts';
import { type StateCode, stateCodeOf, stateOfGstin } from '../../actors/pricing/tax/states.ts';
import { WAREHOUSES } from '../../config/warehouses.ts';
import { DEMO_SELLER, OTHER_SELLER } from './seed/generate.ts';

export type Seller = {
  readonly gstin: string | null;
  /** The first two digits of the GSTIN. */
  readonly state: StateCode;
  readonly dispatch: Place;
};

const KARNATAKA = '29' as StateCode;

const [, , bengaluru] = WAREHOUSES;
const HOUSE: Seller = {
  gstin: null,
  state: stateCodeOf(bengaluru.state) ?? KARNATAKA,
  dispatch: { pincode: bengaluru.pincode, state: stateCodeOf(bengaluru.state) ?? KARNATAKA },
};

function registered(gstin: string, pincode: string): Seller {
  const state = stateOfGstin(gstin);
  if (state === undefined) throw new Error(`not a GSTIN: ${gstin}`);
  return { gstin, state, dispatch: { pincode: pincode as Pincode, state } };
}

/** Numbers of nobody: made up, with their check digits. */
const SELLERS: ReadonlyMap<SellerId, Seller> = new Map([
  [DEMO_SELLER, registered('29AAGCH1234M1ZE', '560048')],
  [OTHER_SELLER, registered('27AAHCO5678K1ZQ', '400072')],
]);

export const sellerById = (id: SellerId): Seller => SELLERS.get(id) ?? HOUSE;
