/**
 * Waits until `condition` gives something truthy and returns it; asks again every few milliseconds. A condition that
 * throws counts as "not yet". After `withinMs` it fails with the last reason seen.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { withinMs = 5_000, everyMs = 5, what = 'condition' }: { withinMs?: number; everyMs?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  let pause = everyMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() + pause > deadline) {
      const reason = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`${what} did not hold within ${withinMs} ms: ${reason}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.3, 100);
  }
}
