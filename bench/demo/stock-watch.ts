/** What is left of the SKU that all want, as operations see it: asked again and again while the sale is on. */
import type { HttpClient } from '../shop/http.ts';

const EVERY_MS = 250;

export class StockWatch {
  readonly #timer: NodeJS.Timeout;
  #last: { readonly sold: number; readonly held: number; readonly left: number } | undefined;
  #asking = false;

  /** `units`: all that were ever received. `token`: of operations. */
  constructor(api: HttpClient, token: string, sku: string, units: number) {
    this.#timer = setInterval(() => {
      if (this.#asking) return;
      this.#asking = true;
      api
        .ask({ method: 'GET', path: `/api/inventory/${sku}`, token })
        .then(({ status, body }) => {
          if (status !== 200) return;
          this.#last = { sold: units - body.available - body.reserved, held: body.reserved, left: body.available };
        })
        // A server that is away for a moment: what was last seen stays.
        .catch(() => {})
        .finally(() => {
          this.#asking = false;
        });
    }, EVERY_MS);
  }

  get line(): string {
    const { sold, held, left } = this.#last ?? { sold: 0, held: 0, left: 0 };
    return this.#last === undefined ? 'stock not asked yet' : `${sold} sold, ${held} held, ${left} left`;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
