/** What became of the requests and of the purchases of one phase. */
import { Latencies } from '../shop/latencies.ts';

export const KINDS = ['order', 'cart', 'find', 'second', 'third'] as const;
export type Kind = (typeof KINDS)[number];

export class Tally {
  /** Of answers that were not shed, in ms. */
  readonly latencies: Readonly<Record<Kind, Latencies>> = {
    order: new Latencies(),
    cart: new Latencies(),
    find: new Latencies(),
    second: new Latencies(),
    third: new Latencies(),
  };
  readonly checkouts = new Latencies();
  readonly asked: Record<Kind, number> = { order: 0, cart: 0, find: 0, second: 0, third: 0 };
  readonly shed: Record<Kind, number> = { order: 0, cart: 0, find: 0, second: 0, third: 0 };
  /** No answer in time, or one that is a failure. */
  readonly failed: Record<Kind, number> = { order: 0, cart: 0, find: 0, second: 0, third: 0 };
  /** By the clock of `performance`; undefined: nothing was shed. */
  lastShedAt: number | undefined;
  begun = 0;
  confirmed = 0;
  /** Of these, begun but given up. */
  refused = 0;
  /** Seconds that purchases took, from the moment they were due. */
  readonly whole = new Latencies();

  count(kind: Kind, status: number, shed: boolean, ms: number): void {
    this.asked[kind] += 1;
    if (shed) {
      this.shed[kind] += 1;
      this.lastShedAt = performance.now();
    } else if (status === 0 || status >= 500) this.failed[kind] += 1;
    else this.latencies[kind].add(ms);
  }

  /** Answers to forged requests, by status. */
  readonly forgeries = new Map<number, number>();

  forged(status: number): void {
    this.forgeries.set(status, (this.forgeries.get(status) ?? 0) + 1);
  }

  shareShed(kind: Kind): number {
    return this.shed[kind] / Math.max(1, this.asked[kind]);
  }
}
