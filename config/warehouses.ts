/** The warehouses: master data. Their pincodes decide which one serves a line (nearest by pincode prefix). */
import type { Pincode, WarehouseId } from '../actors/ids.ts';

export type Warehouse = {
  readonly id: WarehouseId;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly pincode: Pincode;
};

const warehouse = (id: string, name: string, city: string, state: string, pincode: string): Warehouse => ({
  id: id as WarehouseId,
  name,
  city,
  state,
  pincode: pincode as Pincode,
});

export const WAREHOUSES = [
  warehouse('wh_del', 'Delhi Mahipalpur', 'New Delhi', 'Delhi', '110037'),
  warehouse('wh_bom', 'Mumbai Saki Naka', 'Mumbai', 'Maharashtra', '400072'),
  warehouse('wh_blr', 'Bengaluru Whitefield', 'Bengaluru', 'Karnataka', '560048'),
  warehouse('wh_maa', 'Chennai Guindy', 'Chennai', 'Tamil Nadu', '600032'),
  warehouse('wh_ccu', 'Kolkata Dum Dum', 'Kolkata', 'West Bengal', '700052'),
  warehouse('wh_hyd', 'Hyderabad Gachibowli', 'Hyderabad', 'Telangana', '500032'),
] as const satisfies readonly Warehouse[];

export const warehouseById = (id: string): Warehouse | undefined => WAREHOUSES.find((each) => each.id === id);
