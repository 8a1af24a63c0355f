/** Each dependency asked, with its state and latency. */
export type ReadinessCheck = {
  /** Whether an order can be placed without it. A dependency that is not needed may be down and all is ready. */
  readonly needed: boolean;
  readonly check: () => Promise<void>;
};

export type DependencyState = {
  readonly name: string;
  readonly state: 'up' | 'down';
  readonly needed: boolean;
  readonly latencyMs: number;
  readonly error?: string;
};

export type Readiness = { readonly ready: boolean; readonly dependencies: readonly DependencyState[] };

const CHECK_TIMEOUT_MS = 1_500;
/** Anybody may ask, as often as they like: the dependencies are asked this often at most. */
const KEPT_MS = 500;

export function createReadiness(
  checks: Readonly<Record<string, ReadinessCheck>>,
  now: () => number = Date.now,
): () => Promise<Readiness> {
  let asked = Number.NEGATIVE_INFINITY;
  let last: Promise<Readiness> | undefined;
  return () => {
    if (last === undefined || now() - asked >= KEPT_MS) {
      asked = now();
      last = ask(checks);
    }
    return last;
  };
}

async function ask(checks: Readonly<Record<string, ReadinessCheck>>): Promise<Readiness> {
  const dependencies = await Promise.all(Object.entries(checks).map(([name, check]) => askOne(name, check)));
  return { ready: dependencies.every(({ state, needed }) => state === 'up' || !needed), dependencies };
}

async function askOne(name: string, { needed, check }: ReadinessCheck): Promise<DependencyState> {
  const started = performance.now();
  const latency = (): number => Math.round((performance.now() - started) * 10) / 10;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${CHECK_TIMEOUT_MS} ms`)), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), tooLate]);
    return { name, state: 'up', needed, latencyMs: latency() };
  } catch (error) {
    // The kind of failure only: messages name hosts and users, and anybody may read this.
    const reason = error instanceof Error ? (codeOf(error) ?? error.name) : 'failed';
    return { name, state: 'down', needed, latencyMs: latency(), error: reason };
  } finally {
    clearTimeout(timer);
  }
}

const codeOf = (error: Error & { code?: unknown }): string | undefined =>
  typeof error.code === 'string' ? error.code : undefined;
