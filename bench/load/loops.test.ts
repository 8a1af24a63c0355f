import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { forSeconds, openLoop } from './loops.ts';

describe('open loop', () => {
  it('counts the wait of those who came while the one before them stalled (coordinated omission)', async () => {
    const STALL_MS = 300;
    let stalled = false;
    const whole: number[] = [];
    const served: number[] = [];
    const { offered, longestQueue } = await openLoop(['only one'], 200, forSeconds(0.6), async (_, meantAt) => {
      const began = performance.now();
      if (!stalled) {
        stalled = true;
        await pause(STALL_MS);
      }
      const now = performance.now();
      served.push(now - began);
      whole.push(now - meantAt);
    });
    expect(whole).toHaveLength(offered);
    expect(longestQueue).toBeGreaterThan(20);
    // Served at once, all but one; and yet many had been waiting for a good part of the stall.
    expect(served.filter((ms) => ms > STALL_MS / 3)).toHaveLength(1);
    expect(whole.filter((ms) => ms > STALL_MS / 3).length).toBeGreaterThan(20);
  });

  it('ends with the first failure and tells it', async () => {
    const failing = openLoop([1, 2], 500, forSeconds(5), () => Promise.reject(new Error('refused')));
    await expect(failing).rejects.toThrow('refused');
  });
});
