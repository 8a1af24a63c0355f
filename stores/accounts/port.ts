/** Accounts: rows in PostgreSQL; the addresses' last state on JetStream too, so that checkout needs no database. */
import type { AddressId, Instant, Pincode, SellerId, UserId } from '../../actors/ids.ts';

export type Role = 'customer' | 'seller' | 'partner' | 'ops' | 'admin';

export type User = {
  readonly id: UserId;
  readonly email: string;
  readonly phone: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: Role;
  /** Set for role `seller`. */
  readonly sellerId: SellerId | null;
  readonly preferences: Readonly<Record<string, unknown>>;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
};

export type AddressInput = {
  readonly line1: string;
  readonly line2?: string;
  readonly city: string;
  readonly state: string;
  readonly pincode: Pincode;
  readonly type: 'home' | 'work' | 'other';
  readonly isDefault: boolean;
  readonly name: string;
  readonly phone: string;
};
export type Address = AddressInput & { readonly id: AddressId; readonly version: number };

/** Body of `account.<userId>` on stream ACCOUNTS. */
export type AccountDocument = {
  readonly userId: UserId;
  readonly addresses: readonly Address[];
  readonly version: number;
};

/** Addresses as buying sees them: memory first, then the stream's last message, then (if reachable) PostgreSQL. */
export type AddressBook = {
  /** The default one, as far as it has been published: for showing what something would cost. Never PostgreSQL. */
  home(userId: UserId): Promise<Address | undefined>;
  find(userId: UserId, addressId: AddressId): Promise<Address | undefined>;
};

export type Registration = {
  readonly email: string;
  readonly phone: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
};

export type Session = {
  /** Stays over all rotations: the access token names it, so that a session that ends takes its access tokens along. */
  readonly id: string;
  readonly refreshToken: string;
  readonly expiresAt: Instant;
};

export type Accounts = {
  register(input: Registration): Promise<User | 'email-taken' | 'phone-taken'>;
  /** undefined for a wrong password and for an unknown user alike, in the same time. */
  authenticate(login: { email: string } | { phone: string }, password: string): Promise<User | undefined>;
  user(id: UserId): Promise<User | undefined>;
  updateProfile(
    id: UserId,
    change: { firstName: string; lastName: string; preferences?: Readonly<Record<string, unknown>> },
    ifVersion?: number,
  ): Promise<User | undefined | 'version-mismatch'>;
  openSession(userId: UserId, device: { userAgent?: string; address?: string }): Promise<Session>;
  /** Rotates. Reuse of a token that was rotated before revokes its whole family: `reused`. */
  rotate(refreshToken: string): Promise<{ user: User; session: Session } | 'invalid' | 'reused'>;
  /** The session's id; undefined for what is no token. */
  closeSession(refreshToken: string): Promise<string | undefined>;
  addresses(id: UserId): Promise<readonly Address[]>;
  addAddress(id: UserId, input: AddressInput): Promise<Address>;
  updateAddress(
    id: UserId,
    addressId: AddressId,
    input: AddressInput,
    ifVersion?: number,
  ): Promise<Address | undefined | 'version-mismatch'>;
  removeAddress(id: UserId, addressId: AddressId, ifVersion?: number): Promise<boolean | 'version-mismatch'>;
};
