/**
 * Customers as a login and an address book leave them, without the hashing of hundreds of passwords: their tokens are
 * signed with the system's own secret, and their addresses stand where its relay would put them.
 */
import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { UserId } from '../../actors/ids.ts';
import { newId } from '../../config/ids.ts';
import { keptSecrets } from '../../config/secrets.ts';
import { subjects } from '../../config/subjects.ts';
import { createAccessTokens } from '../../gateway/auth/access-tokens.ts';
import type { Shopper } from '../shop/shopper.ts';

/** What a login would answer. Tokens hold for a quarter of an hour. */
export function tokensOf(dataDir: string): (id: UserId) => string {
  const { sign } = createAccessTokens(keptSecrets(dataDir).jwtSecret);
  const nobody = { email: '', phone: '', firstName: '', lastName: '', role: 'customer', sellerId: null } as const;
  return (id) => sign({ ...nobody, id, preferences: {}, createdAt: 0, updatedAt: 0, version: 1 }, randomUUID());
}

export function newCustomers(nc: NatsConnection, dataDir: string, count: number): Promise<readonly Shopper[]> {
  const js = jetstream(nc);
  const tokenOf = tokensOf(dataDir);
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const userId: UserId = newId('usr');
      const addressId = newId('adr');
      const address = {
        id: addressId,
        line1: `${n} Demo Street`,
        city: 'Bengaluru',
        state: 'Karnataka',
        pincode: '560001',
        type: 'home',
        isDefault: true,
        name: 'Customer',
        phone: '+919800000000',
      };
      await js.publish(subjects.account(userId), JSON.stringify({ userId, addresses: [address], version: 1 }));
      const forwardedFor = `10.${(n >> 14) & 127}.${(n >> 7) & 127}.${(n & 127) + 1}`;
      return { userId, token: tokenOf(userId), addressId, forwardedFor };
    }),
  );
}
