/** Whatever is sent wherever, arrives twice, late or not yet: no unit is made or lost, and no one has more than their share. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OrderId, Pincode, SaleId, Sku, UserId, WarehouseId } from '../../ids.ts';
import { STORY_BEGINS } from '../../runtime/testing/given.ts';
import { sku } from '../kind.ts';
import type { SkuState } from '../sku.ts';
import { bucketsOf } from './bucket-id.ts';
import type { Transfer } from './transfers.ts';

const PHONE = 'PHONE-X' as Sku;
const LEDGERS: readonly Sku[] = [PHONE, ...bucketsOf({ sku: PHONE, saleId: 'sal_1' as SaleId, count: 3 })];
const LIMIT = 2;
const UNITS = 40;
const pincode = '560048' as Pincode;

const ledger = fc.nat(LEDGERS.length - 1);
const n = fc.nat(9);
const command = fc.oneof(
  fc.record({
    do: fc.constant('send' as const),
    from: ledger,
    to: ledger,
    quantity: fc.oneof(fc.nat(12), fc.constantFrom('half' as const, 'all' as const)),
  }),
  fc.record({ do: fc.constant('deliver' as const), nth: fc.nat(20) }),
  fc.record({ do: fc.constant('complete' as const), from: ledger }),
  fc.record({
    do: fc.constant('reserve' as const),
    at: ledger,
    n,
    customer: fc.nat(3),
    quantity: fc.integer({ min: 1, max: 2 }),
    ttl: fc.nat(3_000),
  }),
  fc.record({ do: fc.constantFrom('commit' as const, 'release' as const, 'restock' as const), at: ledger, n }),
  fc.record({ do: fc.constant('close' as const), at: ledger }),
);

test('the ledgers and what is on its way always add up, and a limit is a limit', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(command, fc.nat(900)), { maxLength: 120 }), (steps) => {
      let now = STORY_BEGINS;
      const states = new Map<Sku, SkuState>(LEDGERS.map((id) => [id, sku.initial(id)]));
      const log: { from: Sku; transfer: Transfer }[] = [];
      const run = <K extends keyof typeof sku.decide>(
        id: Sku,
        type: K,
        input: Parameters<(typeof sku.decide)[K]>[1],
      ) => {
        let state = states.get(id) ?? sku.initial(id);
        const decision = sku.decide[type](state, input as never, now);
        if (!decision.accepted) return;
        for (const event of decision.events) {
          state = sku.evolve(state, event, { at: now, version: 1 });
          if (event.type === 'StockSent') log.push({ from: id, transfer: event });
        }
        states.set(id, state);
      };
      const at = (index: number): Sku => LEDGERS[index] ?? PHONE;
      const buyer = (order: number) => `usr_${order % 4}` as UserId;
      run(PHONE, 'setStock', { warehouseId: 'wh_1' as WarehouseId, pincode, onHand: UNITS });
      for (const id of LEDGERS.slice(1)) run(id, 'openBucket', { of: PHONE, limitPerCustomer: LIMIT });

      for (const [step, wait] of steps) {
        now += wait;
        const customer = 'n' in step ? buyer(step.n) : undefined;
        const orderId = `ord_${'n' in step ? step.n : 0}` as OrderId;
        switch (step.do) {
          case 'send':
            if (step.from !== step.to)
              run(at(step.from), 'send', { transfers: [{ to: at(step.to), quantity: step.quantity }] });
            break;
          case 'deliver': {
            // Any that was ever sent, so again and again too.
            const sent = log[step.nth % Math.max(1, log.length)];
            if (sent)
              run(sent.transfer.to, 'receive', {
                from: sent.from,
                number: sent.transfer.number,
                units: sent.transfer.units,
              });
            break;
          }
          case 'complete':
            for (const { to, number } of states.get(at(step.from))?.outgoing ?? [])
              if (isThere(states, at(step.from), to, number)) run(at(step.from), 'completeTransfer', { to, number });
            break;
          case 'reserve':
            if (customer)
              run(at(step.at), 'reserve', {
                orderId,
                quantity: step.quantity,
                pincode,
                expiresAt: now + step.ttl,
                customer,
              });
            break;
          case 'commit':
            if (customer) run(at(step.at), 'commit', { orderId, quantity: 1, pincode, customer });
            break;
          case 'release':
            run(at(step.at), 'release', { orderId });
            break;
          case 'restock': {
            const allocations = [{ warehouseId: 'wh_1' as WarehouseId, quantity: 1 }];
            if (customer) run(at(step.at), 'restock', { orderId, reference: 'cancel', allocations, customer });
            break;
          }
          case 'close':
            run(at(step.at), 'closeBucket', {});
            break;
          default:
            step satisfies never;
        }
        check(states);
      }
    }),
    { numRuns: 300 },
  );
});

const isThere = (states: ReadonlyMap<Sku, SkuState>, from: Sku, to: Sku, number: number): boolean => {
  const arrivals = states.get(to)?.arrived[from];
  return arrivals !== undefined && (number <= arrivals.upTo || arrivals.beyond.includes(number));
};

function check(states: ReadonlyMap<Sku, SkuState>): void {
  let received = 0;
  let onItsWay = 0;
  for (const [id, state] of states) {
    received += state.received;
    const view = sku.view(state, STORY_BEGINS);
    const onHand = view.warehouses.reduce((units, warehouse) => units + warehouse.onHand, 0);
    expect(view.received - view.sold).toBe(onHand);
    for (const { available, reserved } of view.warehouses)
      expect(Math.min(available, reserved)).toBeGreaterThanOrEqual(0);
    for (const { to, number, units } of state.outgoing)
      if (!isThere(states, id, to, number)) onItsWay += units.reduce((sum, { quantity }) => sum + quantity, 0);
    if (state.bucket === null) continue;
    for (const taken of Object.values(state.bucket.taken)) expect(taken).toBeLessThanOrEqual(LIMIT);
    const held = new Map<string, number>();
    for (const { customer, allocations } of Object.values(state.holds))
      if (customer)
        held.set(customer, (held.get(customer) ?? 0) + allocations.reduce((sum, { quantity }) => sum + quantity, 0));
    for (const [customer, units] of held)
      expect(state.bucket.taken[customer as UserId] ?? 0).toBeGreaterThanOrEqual(units);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  }
  expect(received + onItsWay).toBe(UNITS);
}
