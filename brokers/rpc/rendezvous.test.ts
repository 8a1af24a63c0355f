import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PARTITIONS } from '../../config/subjects.ts';
import { assign, winner } from './rendezvous.ts';

const nodes = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}-[0-9a-f]{6}$/), { minLength: 1, maxLength: 12 });

test('a node that joins takes partitions from others, and nothing else moves', () => {
  fc.assert(
    fc.property(nodes, fc.stringMatching(/^new-[0-9a-f]{6}$/), (members, joined) => {
      const before = assign(members, PARTITIONS);
      const after = assign([...members, joined], PARTITIONS);
      expect(after.every((owner, p) => owner === before[p] || owner === joined)).toBe(true);
    }),
  );
});

test('a node that leaves gives up its own, and nothing else moves', () => {
  fc.assert(
    fc.property(nodes, fc.nat(), (members, index) => {
      const gone = members[index % members.length] as string;
      const before = assign(members, PARTITIONS);
      const after = assign(
        members.filter((node) => node !== gone),
        PARTITIONS,
      );
      expect(after.every((owner, p) => before[p] === gone || owner === before[p])).toBe(true);
    }),
  );
});

test('all nodes come to the same table, in whatever order they heard of each other', () => {
  fc.assert(
    fc.property(
      nodes.chain((members) =>
        fc.tuple(fc.constant(members), fc.shuffledSubarray(members, { minLength: members.length })),
      ),
      ([members, shuffled]) => {
        expect(assign(shuffled, PARTITIONS)).toEqual(assign(members, PARTITIONS));
      },
    ),
  );
});

test('shares are fair: of four nodes each has a quarter, give or take', () => {
  const share = new Map<string, number>();
  for (let cluster = 0; cluster < 50; cluster++) {
    const members = ['a', 'b', 'c', 'd'].map((name) => `${name}-${cluster}`);
    for (const owner of assign(members, PARTITIONS)) {
      const name = owner[0] as string;
      share.set(name, (share.get(name) ?? 0) + 1);
    }
  }
  for (const count of share.values()) expect(Math.abs(count / (50 * PARTITIONS) - 0.25)).toBeLessThan(0.02);
});

test('nobody to choose from', () => {
  expect(winner([], 'x')).toBeUndefined();
  expect(assign([], PARTITIONS)).toEqual([]);
});
