/** Profiles and addresses: one's own; an admin may read any. Other people's are not found. */
import type { UserId } from '../../actors/ids.ts';
import type { AddressInput } from '../../stores/accounts/port.ts';
import type { Principal } from '../auth/access-tokens.ts';
import type { GatewayDeps } from '../deps.ts';
import {
  address,
  addressDocument,
  addressInput,
  addressPage,
  addressParams,
  addressQuery,
  profileChange,
  user,
  userDocument,
  userParams,
} from '../documents/accounts.ts';
import { answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { type Refusal, refuse } from '../problems.ts';

const tag = 'Accounts';

/** The caller's own id, or another that the caller may see. */
function ownerFor(id: UserId | 'me', principal: Principal, forReading = false): UserId | undefined {
  if (id === 'me' || id === principal.userId) return principal.userId;
  return forReading && principal.role === 'admin' ? id : undefined;
}

const tagged = (version: number) => ({ etag: versionTag(version) });
const NOT_FOUND: Refusal = refuse('not-found');
const MISMATCH: Refusal = refuse('precondition-failed');

export function userRoutes({ accounts }: Pick<GatewayDeps, 'accounts'>): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/users/{id}',
      tag,
      summary: 'A profile',
      access: 'signed-in',
      limit: 'account',
      priority: 'second',
      params: userParams,
      answers: { 200: { description: 'The profile', schema: user, headers: ['ETag'] } },
      async handle({ params, principal }) {
        const id = ownerFor(params.id, principal, true);
        const found = id === undefined ? undefined : await accounts.user(id);
        return found === undefined ? NOT_FOUND : answer(200, userDocument(found), tagged(found.version));
      },
    }),

    endpoint({
      method: 'PUT',
      path: '/api/users/{id}',
      tag,
      summary: 'Change one’s profile',
      access: 'signed-in',
      limit: 'account',
      priority: 'second',
      conditional: true,
      params: userParams,
      body: profileChange,
      answers: { 200: { description: 'The profile as it is now', schema: user, headers: ['ETag'] } },
      async handle({ params, body, principal, ifVersion }) {
        const id = ownerFor(params.id, principal);
        if (id === undefined) return NOT_FOUND;
        const { firstName, lastName, preferences } = body;
        const change = { firstName, lastName, ...(preferences === undefined ? {} : { preferences }) };
        const changed = await accounts.updateProfile(id, change, ifVersion);
        if (changed === 'version-mismatch') return MISMATCH;
        return changed === undefined ? NOT_FOUND : answer(200, userDocument(changed), tagged(changed.version));
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/users/{id}/addresses',
      tag,
      summary: 'One’s addresses',
      access: 'signed-in',
      limit: 'account',
      priority: 'cart',
      params: userParams,
      query: addressQuery,
      answers: { 200: { description: 'A page of addresses', schema: addressPage } },
      problems: ['invalid-cursor'],
      async handle({ params, query: { limit, cursor }, principal }) {
        const id = ownerFor(params.id, principal, true);
        if (id === undefined) return NOT_FOUND;
        // An address book is small (its store bounds it): it is read whole, and cut here.
        const all = await accounts.addresses(id);
        const from = cursor === undefined ? 0 : all.findIndex((each) => each.id === cursor) + 1;
        if (cursor !== undefined && from === 0) return refuse('invalid-cursor');
        const data = all.slice(from, from + limit);
        const nextCursor = from + limit < all.length ? (data.at(-1)?.id ?? null) : null;
        return answer(200, { data: data.map(addressDocument), nextCursor });
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/users/{id}/addresses',
      tag,
      summary: 'Add an address',
      access: 'signed-in',
      limit: 'account',
      priority: 'cart',
      params: userParams,
      body: addressInput,
      answers: { 201: { description: 'The address', schema: address, headers: ['ETag', 'Location'] } },
      problems: ['too-many-addresses'],
      async handle({ params, body, principal }) {
        const id = ownerFor(params.id, principal);
        if (id === undefined) return NOT_FOUND;
        const added = await accounts.addAddress(id, inputOf(body));
        return answer(201, addressDocument(added), {
          ...tagged(added.version),
          location: `/api/users/${id}/addresses/${added.id}`,
        });
      },
    }),

    endpoint({
      method: 'PUT',
      path: '/api/users/{id}/addresses/{addressId}',
      tag,
      summary: 'Change an address',
      access: 'signed-in',
      limit: 'account',
      priority: 'second',
      conditional: true,
      params: addressParams,
      body: addressInput,
      answers: { 200: { description: 'The address as it is now', schema: address, headers: ['ETag'] } },
      async handle({ params, body, principal, ifVersion }) {
        const id = ownerFor(params.id, principal);
        if (id === undefined) return NOT_FOUND;
        const changed = await accounts.updateAddress(id, params.addressId, inputOf(body), ifVersion);
        if (changed === 'version-mismatch') return MISMATCH;
        return changed === undefined ? NOT_FOUND : answer(200, addressDocument(changed), tagged(changed.version));
      },
    }),

    endpoint({
      method: 'DELETE',
      path: '/api/users/{id}/addresses/{addressId}',
      tag,
      summary: 'Remove an address',
      access: 'signed-in',
      limit: 'account',
      priority: 'second',
      conditional: true,
      params: addressParams,
      answers: { 204: { description: 'It is gone' } },
      async handle({ params, principal, ifVersion }) {
        const id = ownerFor(params.id, principal);
        if (id === undefined) return NOT_FOUND;
        const removed = await accounts.removeAddress(id, params.addressId, ifVersion);
        if (removed === 'version-mismatch') return MISMATCH;
        return removed ? answer(204) : NOT_FOUND;
      },
    }),
  ];
}

/** An empty second line is none. */
const inputOf = ({ line2, ...rest }: Omit<AddressInput, 'line2'> & { line2?: string | undefined }): AddressInput =>
  line2 === undefined || line2 === '' ? rest : { ...rest, line2 };
