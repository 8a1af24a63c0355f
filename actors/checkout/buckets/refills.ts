/**
 * A bucket that has run dry is filled from the one that has most, by half of what that has: the units spread themselves
 * over the buckets that sell, and the last ones are looked for in all of them. Nobody is refused before a survey has
 * found too little in all buckets together, with nothing on its way between them.
 *
 * Of all the orders that find one bucket dry at the same time, one looks; the others wait for what it finds. And where
 * there is less than the buckets that look want together, they look one after another: side by side, two who want the last
 * two units would each take one from the other, again and again.
 */
import type { Actors } from '../../clients.ts';
import type { Instant, Sku } from '../../ids.ts';
import { RetryAt } from '../../runtime/reactor.ts';
import { bucketOf } from '../../sku/buckets/bucket-id.ts';
import { together } from '../together.ts';
import { carry, type SaleStock, survey } from './survey.ts';

/** `found`: try again at home. Else there are fewer than wanted in the whole sale. */
export type Refill = { readonly found: true } | { readonly found: false; readonly available: number };

const DRY: Refill = { found: false, available: 0 };
/** Each moves units or looks once more; so many mean that others always get them first, or that the actors are away. */
const ROUNDS = 40;
const RETRY_MS = 100;

export class Refills {
  readonly #actors: Pick<Actors, 'sku' | 'sale'>;
  readonly #clock: () => Instant;
  /** In the order in which they began. */
  readonly #running = new Map<Sku, { readonly quantity: number; readonly result: Promise<Refill> }>();

  constructor(actors: Pick<Actors, 'sku' | 'sale'>, clock: () => Instant) {
    this.#actors = actors;
    this.#clock = clock;
  }

  /** Throws RetryAt when it could neither find them nor be sure that there are none. */
  async refill(home: Sku, quantity: number): Promise<Refill> {
    const running = this.#running.get(home);
    if (running !== undefined && (await running.result).found) return { found: true };
    // What that one did not find may have come back since: whoever is told that there is nothing has looked after asking.
    return this.#running.get(home)?.result ?? this.#begin(home, quantity);
  }

  #begin(home: Sku, quantity: number): Promise<Refill> {
    const stock = bucketOf(home);
    if (stock === undefined) return Promise.resolve(DRY);
    const result = this.#run(stock, home, quantity).finally(() => this.#running.delete(home));
    this.#running.set(home, { quantity, result });
    return result;
  }

  /** Of the other buckets of this sale: those that began to look before this one. */
  #before(home: Sku, { sku, saleId }: SaleStock) {
    const earlier: { readonly quantity: number; readonly result: Promise<Refill> }[] = [];
    for (const [other, run] of this.#running) {
      if (other === home) break;
      const of = bucketOf(other);
      if (of?.sku === sku && of.saleId === saleId) earlier.push(run);
    }
    return earlier;
  }

  async #run(stock: SaleStock, home: Sku, quantity: number): Promise<Refill> {
    const { sku, sale } = this.#actors;
    let moves: number | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      const found = await survey(this.#actors, stock);
      const own = found.buckets.find(({ ledger }) => ledger === home);
      if (own === undefined || own.state !== 'open') return DRY;
      if (own.available >= quantity) return { found: true };
      if (found.onTheirWay.length > 0) {
        await together(found.onTheirWay, (transfer) => carry(this.#actors, transfer));
        continue;
      }
      if (found.available < quantity) {
        // Once is not enough: a unit may have gone from a bucket not yet looked at to one that was.
        if (moves !== found.moves) {
          moves = found.moves;
          continue;
        }
        if (found.available === 0) await sale(stock.saleId).recordSoldOut({ sku: stock.sku });
        return { found: false, available: found.available };
      }
      const before = this.#before(home, stock);
      if (before.length > 0 && found.available < before.reduce((units, run) => units + run.quantity, quantity)) {
        await Promise.allSettled(before.map(({ result }) => result));
        continue;
      }
      const others = found.buckets.filter(({ ledger }) => ledger !== home);
      const { ledger: richest, sent } = others.reduce((most, each) => (each.available > most.available ? each : most));
      const number = (sent[home] ?? 0) + 1;
      const outcome = await sku(richest).send({ transfers: [{ to: home, number, quantity: 'half' }] });
      if (outcome.ok)
        await together(outcome.result.sent, (transfer) => carry(this.#actors, { ...transfer, from: richest }));
    }
    throw new RetryAt(this.#clock() + RETRY_MS, `${home} could not be refilled`);
  }
}
