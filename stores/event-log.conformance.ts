/** What every event log must do. Run by each adapter's test. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventLog } from './event-log.ts';

export type LogUnderTest = AsyncDisposable & {
  readonly log: EventLog;
  /** Takes the subjects `order.*.*`. */
  readonly stream: string;
};

const text = (data: Uint8Array | undefined): string => Buffer.from(data ?? []).toString();

export function eventLogConformance(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`event log: ${name}`, () => {
    let opened: LogUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    const subject = (): string => `order.7.${randomUUID()}`;
    const append = async (
      on: string,
      data: string,
      expected: number,
      headers?: Record<string, string>,
    ): Promise<number> => {
      const result = await opened.log.append(opened.stream, on, data, expected, headers);
      if (result.outcome !== 'appended') throw new Error(`not appended: ${result.outcome}`);
      return result.sequence;
    };

    test('a subject begins with expected 0 and goes on from its last sequence', async () => {
      const here = subject();
      const first = await append(here, 'one', 0);
      await append(subject(), 'between', 0);
      const second = await append(here, 'two', first);
      expect(second).toBeGreaterThan(first + 1);
      const last = await opened.log.last(opened.stream, here);
      expect(last).toMatchObject({ subject: here, sequence: second });
      expect(text(last?.data)).toBe('two');
      expect(last?.time).toBeGreaterThan(0);
    });

    test('a writer that has not seen the last message is refused and changes nothing', async () => {
      const here = subject();
      const first = await append(here, 'one', 0);
      const second = await append(here, 'two', first);
      for (const stale of [0, first, second + 1]) {
        expect(await opened.log.append(opened.stream, here, 'x', stale)).toEqual({ outcome: 'conflict' });
      }
      expect(await opened.log.read(opened.stream, here, 0)).toHaveLength(2);
    });

    test('of many writers at once, exactly one wins each place', async () => {
      const here = subject();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, writer) => opened.log.append(opened.stream, here, `${writer}`, 0)),
      );
      expect(results.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(19);
    });

    test('headers and bytes come back as they were', async () => {
      const here = subject();
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      const result = await opened.log.append(opened.stream, here, bytes, 0, { 'Haat-Snapshot': '17' });
      expect(result.outcome).toBe('appended');
      for (const fromLeader of [false, true]) {
        const last = await opened.log.last(opened.stream, here, { fromLeader });
        expect(Uint8Array.from(last?.data ?? [])).toEqual(bytes);
        expect(last?.header('Haat-Snapshot')).toBe('17');
        expect(last?.header('Haat-Other')).toBeUndefined();
      }
    });

    test('a subject without messages has no last one and reads as empty', async () => {
      const here = subject();
      expect(await opened.log.last(opened.stream, here)).toBeUndefined();
      expect(await opened.log.last(opened.stream, here, { fromLeader: true })).toBeUndefined();
      expect(await opened.log.read(opened.stream, here, 0)).toEqual([]);
      expect(await opened.log.read(opened.stream, here, 1_000_000_000)).toEqual([]);
    });

    test('a long history is read whole, in order, from any place, without its neighbours', async () => {
      const here = subject();
      const sequences: number[] = [];
      for (let i = 0; i < 2_500; i++) {
        sequences.push(await append(here, `${i}`, sequences.at(-1) ?? 0));
        if (i % 100 === 0) await append(subject(), 'neighbour', 0);
      }
      const all = await opened.log.read(opened.stream, here, 0);
      expect(all.map(({ data }) => text(data))).toEqual(sequences.map((_, i) => `${i}`));
      expect(all.map(({ sequence }) => sequence)).toEqual(sequences);
      const some = await opened.log.read(opened.stream, here, sequences[2_400] ?? 0);
      expect(some.map(({ sequence }) => sequence)).toEqual(sequences.slice(2_400));
      const between = await opened.log.read(opened.stream, here, sequences[10] ?? 0, sequences[1_500] ?? 0);
      expect(between.map(({ sequence }) => sequence)).toEqual(sequences.slice(10, 1_500));
      const past = await opened.log.read(opened.stream, here, (sequences.at(-1) ?? 0) + 1);
      expect(past).toEqual([]);
    });
  });
}
