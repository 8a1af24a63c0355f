/** Accounts over PostgreSQL. What is refused is a value; a database that is away rejects. */
import { newId } from '../../config/ids.ts';
import type { Pool } from '../postgres/pool.ts';
import { addAddress, addressesOf, type Changed, removeAddress, updateAddress } from './addresses.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import type { AccountDocument, Accounts } from './port.ts';
import { closeSession, openSession, rotateSession } from './sessions.ts';
import { insertUser, setPasswordHash, updateUser, userById, userByLogin } from './users.ts';

export type AccountsOptions = {
  readonly pool: Pool;
  readonly passwords?: Passwords;
  /**
   * Told of each change after its commit, before the caller is answered: with the address book of the same
   * gateway here, a customer can order to the address just added, without waiting for the relay.
   */
  readonly onAddressesChanged?: (document: AccountDocument) => void;
  /** Epoch ms; for tests. */
  readonly now?: () => number;
};

export function createAccounts({
  pool,
  passwords = createPasswords(),
  onAddressesChanged = () => {},
  now = Date.now,
}: AccountsOptions): Accounts {
  const told = <T>({ result, document }: Changed<T>): T => {
    if (document !== undefined) onAddressesChanged(document);
    return result;
  };

  return {
    async register({ password, ...input }) {
      const passwordHash = await passwords.hash(password);
      return insertUser(pool, { ...input, id: newId('usr'), passwordHash, role: 'customer', sellerId: null }, now());
    },

    async authenticate(login, password) {
      const found = await userByLogin(pool, login);
      const verdict = await passwords.verify(password, found?.passwordHash);
      if (found === undefined || verdict === 'wrong') return undefined;
      if (verdict === 'right-but-outdated') {
        await setPasswordHash(pool, found.user.id, found.passwordHash, await passwords.hash(password));
      }
      return found.user;
    },

    user: (id) => userById(pool, id),
    updateProfile: (id, change, ifVersion) => updateUser(pool, id, change, ifVersion, now()),

    openSession: (userId, device) => openSession(pool, userId, device, now()),
    async rotate(refreshToken) {
      const rotated = await rotateSession(pool, refreshToken, now());
      if (typeof rotated === 'string') return rotated;
      const user = await userById(pool, rotated.userId);
      return user === undefined ? 'invalid' : { user, session: rotated.session };
    },
    closeSession: (refreshToken) => closeSession(pool, refreshToken),

    addresses: (id) => addressesOf(pool, id),
    addAddress: async (id, input) => told(await addAddress(pool, id, input, now())),
    updateAddress: async (id, addressId, input, ifVersion) =>
      told(await updateAddress(pool, id, addressId, input, ifVersion)),
    removeAddress: async (id, addressId, ifVersion) => told(await removeAddress(pool, id, addressId, ifVersion)),
  };
}
