import { describe, expect, test } from 'vitest';
import { type CartAnswer, type CartCall, type CartOperation, cartModel } from './cart-model.ts';
import { anomaly } from './linearizable.ts';

const call = (invoked: number, at: number, operation: CartOperation, answer: CartAnswer): CartCall => ({
  operation,
  invoked,
  outcome: { at, answer },
});
const unknown = (invoked: number, operation: CartOperation): CartCall => ({ operation, invoked, outcome: undefined });
const add = (quantity: number, sku = 'A'): CartOperation => ({ type: 'add', sku, quantity });
const set = (quantity: number): CartOperation => ({ type: 'set', sku: 'A', quantity });
const read: CartOperation = { type: 'read' };
const of = (...history: CartCall[]) => anomaly(cartModel, history);

describe('what one copy could have answered', () => {
  test('one after the other', () => {
    expect(of(call(0, 1, add(2), { A: 2 }), call(2, 3, read, { A: 2 }), call(4, 5, set(1), { A: 1 }))).toBeUndefined();
  });

  test('side by side, in either order', () => {
    expect(of(call(0, 9, add(1), { A: 3 }), call(1, 8, add(2), { A: 2 }))).toBeUndefined();
    expect(of(call(0, 9, add(1), { A: 1 }), call(1, 8, read, {}), call(2, 8, read, { A: 1 }))).toBeUndefined();
  });

  test('refusals', () => {
    expect(of(call(0, 1, add(10), { A: 10 }), call(2, 3, add(1), 'refused'))).toBeUndefined();
    expect(of(call(0, 1, set(1), 'refused'), call(2, 3, { type: 'remove', sku: 'A' }, 'refused'))).toBeUndefined();
  });

  test('what nobody knows happened, did not, or happens late', () => {
    expect(of(unknown(0, add(1)), call(1, 2, read, { A: 1 }))).toBeUndefined();
    expect(of(unknown(0, add(1)), call(1, 2, read, {}))).toBeUndefined();
    expect(of(unknown(0, add(1)), call(1, 2, read, {}), call(3, 4, read, { A: 1 }))).toBeUndefined();
  });

  test('what is ordered leaves some time later', () => {
    const out = unknown(2, { type: 'check-out', lines: { A: 2 } });
    expect(of(call(0, 1, add(2), { A: 2 }), out, call(3, 4, read, { A: 2 }), call(5, 6, read, {}))).toBeUndefined();
    expect(of(call(0, 1, add(2), { A: 2 }), out, call(3, 4, add(1), { A: 1 }))).toBeUndefined();
  });
});

describe('what it could not', () => {
  test('an acknowledged change is lost', () => {
    expect(of(call(0, 1, add(2), { A: 2 }), call(2, 3, read, {}))).toEqual({ explained: 1, of: 2 });
  });

  test('a read that is older than one before it', () => {
    expect(of(call(0, 9, add(1), { A: 1 }), call(1, 2, read, { A: 1 }), call(3, 4, read, {}))).toBeDefined();
  });

  test('two writers, of whom the last wins', () => {
    expect(of(call(0, 9, add(1), { A: 1 }), call(1, 8, add(2), { A: 2 }))).toBeDefined();
  });

  test('an add that was done twice', () => {
    expect(of(call(0, 1, add(1), { A: 1 }), call(2, 3, read, { A: 2 }))).toBeDefined();
  });

  test('what nobody knows is undone again', () => {
    expect(of(unknown(0, add(1)), call(1, 2, read, { A: 1 }), call(3, 4, read, {}))).toBeDefined();
  });

  test('a change is seen before it was asked for', () => {
    expect(of(call(0, 1, read, { A: 1 }), call(2, 3, add(1), { A: 1 }))).toBeDefined();
  });

  test('it is checked out twice', () => {
    const out = unknown(2, { type: 'check-out', lines: { A: 2 } });
    expect(of(call(0, 1, add(5), { A: 5 }), out, call(3, 4, read, { A: 1 }))).toBeDefined();
  });
});

test('sixty calls of three devices at once are checked in no time', () => {
  const history: CartCall[] = [];
  let total = 0;
  for (let n = 0; n < 20; n++) {
    total = total >= 9 ? total : total + 1;
    const refused = n >= 9;
    for (let device = 0; device < 2; device++) history.push(call(n * 10 + device, n * 10 + 9, read, { A: total }));
    history.push(call(n * 10, n * 10 + 8, add(refused ? 10 : 1), refused ? 'refused' : { A: total }));
    if (n % 5 === 0) history.push(unknown(n * 10, add(10)));
  }
  const began = performance.now();
  expect(of(...history)).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(2_000);
});
