import { AssertionError } from 'node:assert';
import { describe, expect, test } from 'vitest';
import type { ActorKind } from '../kind.ts';
import { given, STORY_BEGINS } from './given.ts';
import { TILL_LIMIT, type TillContract, type TillEvent, type TillState, tillKind } from './till.ts';

describe('given/when/then', () => {
  test('goes on from what was decided', () => {
    const end = given(tillKind, [{ type: 'Paid', amount: 5 }])
      .when('pay', { amount: 7 })
      .then([{ type: 'Paid', amount: 7 }])
      .answers({ total: 12 })
      .when('pay', { amount: TILL_LIMIT })
      .then({ type: 'full', total: 12 })
      .when('empty', {}, STORY_BEGINS + 1)
      .then([{ type: 'Emptied', amount: 12 }])
      .when('empty', {})
      .then([]);
    expect(end.state).toEqual({ total: 0, payments: 3, note: '' });
    expect(end.version).toBe(3);
  });

  test('shows what differs', () => {
    const till = given(tillKind, []);
    expect(() => till.when('pay', { amount: 7 }).then([{ type: 'Paid', amount: 8 }])).toThrow(/amount: 7/);
    expect(() => till.when('pay', { amount: 7 }).then({ type: 'full', total: 0 })).toThrow(AssertionError);
    expect(() =>
      till
        .when('pay', { amount: 7 })
        .then([{ type: 'Paid', amount: 7 }])
        .answers({ total: 8 }),
    ).toThrow(AssertionError);
    const full = till.when('pay', { amount: TILL_LIMIT + 1 }).then({ type: 'full', total: 0 });
    expect(() => full.answers({ total: 1 })).toThrow(/refused/);
  });

  test('refuses a decide that changes the state, and a state that JSON would lose', () => {
    const broken: ActorKind<'till', TillContract, TillState, TillEvent, Readonly<TillState>> = {
      ...tillKind,
      decide: {
        ...tillKind.decide,
        empty: (state) => {
          state.total = 0;
          return { accepted: true, events: [], result: { taken: 0 } };
        },
      },
    };
    expect(() => given(broken, [{ type: 'Paid', amount: 5 }]).when('empty', {})).toThrow(/decide changed the state/);
    const lossy = { ...tillKind, initial: () => ({ total: 0, payments: 0, note: '', seen: undefined }) };
    expect(() => given(lossy, [])).toThrow(/does not survive JSON/);
  });
});
