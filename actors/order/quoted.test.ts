/** An order keeps what was quoted, and gives back what was paid: to the paisa, whatever goes first. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Paise, type ProductId, paise, type Sku, sum } from '../ids.ts';
import { price } from '../pricing/price.ts';
import type { PriceRequest, Quote } from '../pricing/request.ts';
import { anyOrder } from '../pricing/testing/baskets.ts';
import { STORY_BEGINS } from '../runtime/testing/given.ts';
import { order } from './kind.ts';
import type { OrderEvent } from './order.ts';
import { lineQuote, orderOffers, quotedLine } from './quoted.ts';
import type { OrderState } from './state.ts';
import { PAYMENT, type Placing, placedBy, returnId } from './testing/history.ts';

const { decide } = order;
type Decided = ReturnType<(typeof decide)[keyof typeof decide]>;

function quoteOf(request: PriceRequest): Quote {
  const priced = price(request);
  if (!priced.ok) throw new Error(JSON.stringify(priced.faults));
  return priced.quote;
}

const placing = ({ lines, totals, codFee, ...quote }: Quote): Placing => ({
  ...placedBy(),
  lines: lines.map((line) => ({
    sku: line.sku,
    productId: 'prd_1' as ProductId,
    sellerId: line.sellerId,
    name: line.sku,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    quote: lineQuote(line),
  })),
  totals,
  offers: orderOffers({ lines, totals, codFee, ...quote }, new Set()),
  ...(codFee === 0 ? {} : { codFee }),
});

/** The events go through JSON, as they do in the log. */
class Life {
  #state: OrderState = order.initial('ord_1');
  #version = 0;
  back = paise(0);

  get state(): OrderState {
    return this.#state;
  }

  take(...events: readonly OrderEvent[]): void {
    for (const event of JSON.parse(JSON.stringify(events)) as readonly OrderEvent[]) {
      this.#state = order.evolve(this.#state, event, { at: STORY_BEGINS, version: ++this.#version });
      if ('refund' in event) this.back = paise(this.back + event.refund);
    }
  }

  does(decision: (state: OrderState) => Decided): void {
    const decided = decision(this.#state);
    if (!decided.accepted) throw new Error(decided.rejection.type);
    this.take(...decided.events);
  }

  cancels(skus: readonly Sku[], cancellationId: string): void {
    this.does((state) => decide.cancel(state, { cancellationId, reason: 'x', by: 'customer', skus }, STORY_BEGINS));
  }

  sendsBack(skus: readonly Sku[], n: number): void {
    this.does((state) => decide.requestReturn(state, { returnId: returnId(n), reason: 'x', skus }, STORY_BEGINS));
    this.does((state) => decide.receiveReturn(state, { returnId: returnId(n) }, STORY_BEGINS));
  }
}

/** Held and paid for. */
function bought(quote: Quote): Life {
  const life = new Life();
  life.take(placing(quote));
  life.does((state) => decide.recordReservation(state, { allocations: {} }, STORY_BEGINS));
  if (quote.totals.total > 0) life.does((state) => decide.recordPayment(state, { paymentId: PAYMENT }, STORY_BEGINS));
  return life;
}

function delivered(life: Life): Life {
  for (const decision of [decide.startProcessing, decide.ship, decide.deliver])
    life.does((state) => decision(state, {}, STORY_BEGINS));
  return life;
}

const view = ({ state }: Life) => {
  const shown = order.view(state, STORY_BEGINS);
  if (shown.status === 'NONE') throw new Error('it was placed');
  return shown;
};

/** The lines in some order, some of them, in steps. */
const steps = ({ lines }: Quote) =>
  fc
    .tuple(
      fc.shuffledSubarray(
        lines.map(({ sku }) => sku),
        { minLength: 1 },
      ),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
    )
    .map(([skus, sizes]) => {
      const left = [...skus];
      return sizes.map((size) => left.splice(0, size)).filter((step) => step.length > 0);
    });
const orders = anyOrder.map(quoteOf).chain((quote) => fc.tuple(fc.constant(quote), steps(quote)));
const netOf = ({ lines }: Quote, skus: readonly Sku[]): Paise =>
  sum(lines.filter(({ sku }) => skus.includes(sku)).map(({ net }) => net));

test('what was quoted is what is read again, and its total is that of its lines and their charges', () => {
  fc.assert(
    fc.property(anyOrder.map(quoteOf), (quote) => {
      const { lines, totals } = view(bought(quote));
      expect(lines.map(quotedLine)).toEqual(quote.lines);
      const parts = lines.map(quotedLine).flatMap((line) => (line ? [line.net, line.charges.amount] : []));
      expect(sum(parts)).toBe(totals.total);
    }),
    { numRuns: 1_000 },
  );
});

test('before it is shipped: a line gives back what was paid for it, the whole order all that was paid', () => {
  fc.assert(
    fc.property(orders, ([quote, parts]) => {
      const life = bought(quote);
      const gone: Sku[] = [];
      for (const [n, skus] of parts.entries()) {
        life.cancels(skus, `can_${n}`);
        gone.push(...skus);
        const isAll = gone.length === quote.lines.length;
        expect(life.back).toBe(isAll ? quote.totals.total : netOf(quote, gone));
        expect(view(life).status === 'CANCELLED').toBe(isAll);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('after delivery: lines give back what was paid for them, in any steps; what brought them stays paid', () => {
  fc.assert(
    fc.property(orders, ([quote, parts]) => {
      const life = delivered(bought(quote));
      for (const [n, skus] of parts.entries()) life.sendsBack(skus, n);
      expect(life.back).toBe(netOf(quote, parts.flat()));
      if (parts.flat().length < quote.lines.length) return;
      expect(life.back).toBe(quote.totals.total - quote.totals.shipping);
      expect(view(life).status).toBe('RETURNED');
    }),
    { numRuns: 1_000 },
  );
});

test('what costs nothing is confirmed as soon as it is held', () => {
  const nothing = paise(0);
  const totals = { items: nothing, discount: nothing, shipping: nothing, tax: nothing, total: nothing };
  const life = new Life();
  life.take({ ...placedBy(), totals });
  life.does((state) => decide.recordReservation(state, { allocations: {} }, STORY_BEGINS));
  expect(view(life)).toMatchObject({ status: 'CONFIRMED', payment: { status: 'captured' } });
});
