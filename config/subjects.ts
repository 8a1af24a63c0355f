/**
 * The subject grammar, whole. Every NATS subject that Haat uses is made or read here.
 *
 *   <kind>.<partition>.<id>              one actor's history            stream <KIND>
 *   timer.<kind>.<partition>.<id>.<name> a reminder waiting for its time stream TIMERS
 *   due.<kind>.<partition>.<id>.<name>   a reminder that has come due    stream TIMERS
 *   product.<id> · offer.<sku>           last state of a catalogue row   stream CATALOGUE
 *   account.<userId>                     last state of a user's addresses stream ACCOUNTS
 *   dead.<consumer>                      what could not be handled       stream DEAD_LETTERS
 *   redrive.<consumer>                   a dead letter on its way back   stream REDRIVE
 *   $KV.reservations.<orderId>           the claim on a checkout         bucket reservations
 *   $KV.idempotency.<key>                one Idempotency-Key             bucket idempotency
 */

/** Power of two. Fixed for the life of a data folder: it is part of every actor's subject. */
export const PARTITIONS = 256;

export const ACTOR_KINDS = ['cart', 'sku', 'order', 'payment', 'sale', 'promotion', 'quota', 'wallet'] as const;
export type KindName = (typeof ACTOR_KINDS)[number];

/** 32-bit FNV-1a with a final avalanche (murmur3 fmix32): short ids that differ in one digit spread evenly. */
export function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export const partitionOf = (id: string): number => hash32(id) & (PARTITIONS - 1);

// `~`: buckets of a SKU's stock (actors/sku/buckets/bucket-id.ts).
const TOKEN = /^[A-Za-z0-9_~-]{1,128}$/;
/** True if `id` may stand in a subject as one token. Checked where an id enters the actor runtime. */
export const isToken = (id: string): boolean => TOKEN.test(id);

export const subjects = {
  actor: (kind: string, id: string): string => `${kind}.${partitionOf(id)}.${id}`,
  timer: (kind: string, id: string, name: string): string => `timer.${kind}.${partitionOf(id)}.${id}.${name}`,
  due: (kind: string, id: string, name: string): string => `due.${kind}.${partitionOf(id)}.${id}.${name}`,
  product: (productId: string): string => `product.${productId}`,
  offer: (sku: string): string => `offer.${sku}`,
  account: (userId: string): string => `account.${userId}`,
  dead: (consumer: string): string => `dead.${consumer}`,
  redrive: (consumer: string): string => `redrive.${consumer}`,
  kv: (bucket: string, key: string): string => `$KV.${bucket}.${key}`,
} as const;

/** The stream that holds a kind's histories. */
export const streamOf = (kind: string): string => kind.toUpperCase();

/** `<kind>.<partition>.<id>` read back; undefined for a subject of another shape. */
export function parseActorSubject(subject: string): { kind: string; partition: number; id: string } | undefined {
  const [kind, partition, id, more] = subject.split('.');
  if (kind === undefined || partition === undefined || id === undefined || more !== undefined) return undefined;
  return { kind, partition: Number(partition), id };
}
