/** How often and when a failed step is tried again, from what its error says of itself. */
import { ActorUnavailable } from '../../actors/runtime/envelope.ts';
import { RetryAt } from '../../actors/runtime/reactor.ts';

export type Patience = {
  /** Tries of a step that fails for a reason unknown. */
  readonly tries: number;
  /** Tries while something it needs is away (`retryable: true`): a quarter of an hour, by the pauses below. */
  readonly triesWhileAway: number;
  readonly firstMs: number;
  readonly mostMs: number;
  /** One run of a step. */
  readonly stepMs: number;
};

export const PATIENCE: Patience = { tries: 6, triesWhileAway: 40, firstMs: 100, mostMs: 30_000, stepMs: 60_000 };

/** Too early by less than this is not worth a timer of its own. */
const SOON_MS = 20;

/** undefined: not again. `counted: false`: nothing was wrong, it was only too early. */
export function retryAfter(
  error: unknown,
  tries: number,
  patience: Patience,
  now: number = Date.now(),
): { readonly ms: number; readonly counted: boolean } | undefined {
  if (error instanceof RetryAt) return { ms: Math.max(SOON_MS, error.at - now), counted: false };
  if (tries >= triesFor(error, patience)) return undefined;
  const ms = Math.min(patience.firstMs * 2 ** (tries - 1), patience.mostMs);
  // Jitter: what failed together does not come back together.
  return { ms: ms * (0.5 + Math.random()), counted: true };
}

function triesFor(error: unknown, { tries, triesWhileAway }: Patience): number {
  // Not decided in time, nothing was changed: for a caller that is over, for a reactor it is one try of many.
  if (error instanceof ActorUnavailable && error.code === 'deadline-exceeded') return triesWhileAway;
  const { retryable } = error as { readonly retryable?: unknown };
  if (retryable === true) return triesWhileAway;
  return retryable === false ? 1 : tries;
}
