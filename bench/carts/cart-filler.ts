/** Signed-in customers who put things into carts of their own, more of them than connections. */
import type { UserId } from '../../actors/ids.ts';
import type { Connection } from '../load/connection.ts';
import { tokensOf } from '../load/customers.ts';
import { anyOf, UnexpectedReply } from '../orders/buyer.ts';
import type { OpenShop } from '../orders/open-shop.ts';
import { numbered } from '../seed/histories.ts';

/** A cart takes fifty lines of ten: this many are not full at the end. */
const CARTS = 20_000;

export class CartFiller {
  readonly #heads: readonly string[];
  readonly #skus: readonly string[];

  constructor({ system, skus }: OpenShop) {
    this.#heads = signedIn(system.dataDir, new URL(system.api).host);
    this.#skus = skus;
  }

  /** One unit of something into somebody's cart. Throws UnexpectedReply. */
  async add(connection: Connection): Promise<void> {
    const body = `{"sku":"${anyOf(this.#skus)}","quantity":1}`;
    const request = `${anyOf(this.#heads)}content-length: ${body.length}\r\n\r\n${body}`;
    const reply = await connection.ask(request);
    if (reply.status !== 200) throw new UnexpectedReply(request, reply);
  }
}

/** Heads of requests, made beforehand. */
function signedIn(dataDir: string, host: string): readonly string[] {
  const tokenOf = tokensOf(dataDir);
  const salt = Math.floor(Math.random() * 2 ** 40) * 2 ** 12;
  return Array.from({ length: CARTS }, (_, n) => {
    const token = tokenOf(numbered('usr', salt + n) as UserId);
    return `POST /api/cart/items HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  });
}
