/** Users, sessions and addresses on the wire. */
import { z } from 'zod';
import type { Address, User } from '../../stores/accounts/port.ts';
import { preferences } from './json-values.ts';
import {
  addressId,
  cursor,
  email,
  instant,
  isoTime,
  limit,
  pageOf,
  phone,
  pincode,
  text,
  userIdOrMe,
  version,
} from './scalars.ts';

const password = z
  .string()
  .min(8, 'Must have at least 8 characters')
  // What argon2id is given to hash is bounded, or a login is a way to keep us busy.
  .max(256, 'Must have at most 256 characters');

export const registration = z
  .strictObject({ email, phone, password, firstName: text(100), lastName: text(100) })
  .meta({ id: 'Registration' });

const loginPassword = z.string().min(1).max(256);
export const login = z
  .union([z.strictObject({ email, password: loginPassword }), z.strictObject({ phone, password: loginPassword })], {
    error: 'Must be {email, password} or {phone, password}',
  })
  .meta({ id: 'Login', examples: [{ email: 'customer@haat.example', password: 'demo-password' }] });

export const refreshRequest = z
  .strictObject({ refreshToken: z.string().min(1).max(512) })
  .meta({ id: 'RefreshRequest' });

export const profileChange = z
  .strictObject({ firstName: text(100), lastName: text(100), preferences: preferences.optional() })
  .meta({ id: 'ProfileChange' });

const addressFields = {
  line1: text(200),
  line2: text(200, 0).optional(),
  city: text(100),
  state: text(100),
  pincode,
  type: z.enum(['home', 'work', 'other']),
  isDefault: z.boolean(),
  name: text(200),
  phone,
};

export const addressInput = z.strictObject(addressFields).meta({
  id: 'AddressInput',
  examples: [
    {
      line1: '14 MG Road',
      city: 'Bengaluru',
      state: 'Karnataka',
      pincode: '560001',
      type: 'home',
      isDefault: true,
      name: 'Asha Rao',
      phone: '+919876543210',
    },
  ],
});

export const userParams = z.object({ id: userIdOrMe });
export const addressQuery = z.strictObject({ limit, cursor });
export const addressParams = z.object({ id: userIdOrMe, addressId });

export const address = z
  .object({
    id: z.string(),
    line1: z.string(),
    line2: z.string().optional(),
    city: z.string(),
    state: z.string(),
    pincode: z.string(),
    type: z.enum(['home', 'work', 'other']),
    isDefault: z.boolean(),
    name: z.string(),
    phone: z.string(),
    version,
  })
  .meta({ id: 'Address' });

export const addressPage = pageOf(address).meta({ id: 'AddressPage' });

export const user = z
  .object({
    id: z.string(),
    email: z.string(),
    phone: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    role: z.enum(['customer', 'seller', 'partner', 'ops', 'admin']),
    sellerId: z.string().nullable(),
    preferences: z.record(z.string(), z.unknown()),
    createdAt: instant,
    updatedAt: instant,
    version,
  })
  .meta({ id: 'User' });

export const session = z
  .object({
    user,
    accessToken: z.string().describe('JWT, for `Authorization: Bearer`'),
    refreshToken: z.string().describe('Works once; the next one comes with the answer'),
    expiresIn: z.int().describe('Seconds that the access token is valid'),
  })
  .meta({ id: 'Session' });

export const addressDocument = ({
  id,
  line1,
  line2,
  city,
  state,
  pincode: pin,
  type,
  isDefault,
  name,
  ...rest
}: Address) => ({
  id,
  line1,
  ...(line2 === undefined ? {} : { line2 }),
  city,
  state,
  pincode: pin,
  type,
  isDefault,
  name,
  phone: rest.phone,
  version: rest.version,
});

export const userDocument = (of: User) => ({
  id: of.id,
  email: of.email,
  phone: of.phone,
  firstName: of.firstName,
  lastName: of.lastName,
  role: of.role,
  sellerId: of.sellerId,
  preferences: of.preferences,
  createdAt: isoTime(of.createdAt),
  updatedAt: isoTime(of.updatedAt),
  version: of.version,
});
