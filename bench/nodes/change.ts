/** What customers notice while something is done to the nodes. */
import { setTimeout as pause } from 'node:timers/promises';
import type { CartFiller } from '../carts/cart-filler.ts';
import type { Connection } from '../load/connection.ts';
import { openLoop } from '../load/loops.ts';

export type Change = {
  readonly what: string;
  /** With the one that comes or goes. */
  readonly nodes: number;
  /** The longest answer from the change's beginning until a little after its end. */
  readonly longestMs: number;
  /** The longest before it. */
  readonly quietMs: number;
  /** Share of partitions that have another owner, and the least that could be. */
  readonly moved: number;
  readonly least: number;
};

const QUIET_MS = 2_500;
/** News of the change has reached everybody, and what it delayed has been answered. */
const AFTER_MS = 3_000;

export async function underLoad(
  connections: readonly Connection[],
  perSecond: number,
  filler: CartFiller,
  act: () => Promise<unknown>,
): Promise<Pick<Change, 'longestMs' | 'quietMs'>> {
  let phase: 'settling' | 'quiet' | 'change' = 'settling';
  const longest = { settling: 0, quiet: 0, change: 0 };
  let open = true;
  const load = openLoop(
    connections,
    perSecond,
    () => open,
    async (connection, meantAt) => {
      await filler.add(connection);
      longest[phase] = Math.max(longest[phase], performance.now() - meantAt);
    },
  );
  const script = async (): Promise<void> => {
    try {
      await pause(QUIET_MS / 2);
      phase = 'quiet';
      await pause(QUIET_MS);
      phase = 'change';
      await act();
      await pause(AFTER_MS);
    } finally {
      open = false;
    }
  };
  await Promise.all([load, script()]);
  return { longestMs: longest.change, quietMs: longest.quiet };
}
