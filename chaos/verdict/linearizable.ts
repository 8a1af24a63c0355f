/**
 * Is there an order of these calls, each at one moment between its invocation and its return, in which a single copy of
 * the thing would have given all these answers? Wing & Gong's search, with Lowe's memory of what was tried
 * (G. Lowe, "Testing for linearizability", 2017), as in Porcupine. One key's history at a time: linearizability is local.
 */
export type Call<Operation, Answer> = {
  readonly operation: Operation;
  /** One clock for all, ms. */
  readonly invoked: number;
  /**
   * What came of it. Undefined: nobody knows. It may have happened at any moment since, may happen yet, or never.
   */
  readonly outcome: { readonly at: number; readonly answer: Answer } | undefined;
};

export type Model<State, Operation, Answer> = {
  readonly initial: State;
  /** Equal states have equal names. */
  readonly nameOf: (state: State) => string;
  /** The state after it; undefined if this answer could not have been given in this state. No answer: none was seen. */
  readonly apply: (state: State, operation: Operation, answer: Answer | undefined) => State | undefined;
};

/** Undefined: linearizable. Otherwise how many of the calls the longest order that explains them has, of how many. */
export function anomaly<State, Operation, Answer>(
  { initial, nameOf, apply }: Model<State, Operation, Answer>,
  history: readonly Call<Operation, Answer>[],
): { readonly explained: number; readonly of: number } | undefined {
  const calls = history.toSorted((a, b) => a.invoked - b.invoked);
  const answered = calls.reduce(
    (mask, { outcome }, n) => (outcome === undefined ? mask : mask | (1n << BigInt(n))),
    0n,
  );
  const tried = new Set<string>();
  const open: { readonly done: bigint; readonly count: number; readonly state: State }[] = [
    { done: 0n, count: 0, state: initial },
  ];
  let explained = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { done, count, state } = node;
    if ((done & answered) === answered) return undefined;
    explained = Math.max(explained, count);
    // Whatever was invoked after another call had returned comes after it.
    let until = Number.POSITIVE_INFINITY;
    for (const [n, { outcome }] of calls.entries())
      if (outcome !== undefined && (done & (1n << BigInt(n))) === 0n) until = Math.min(until, outcome.at);
    for (const [n, { operation, invoked, outcome }] of calls.entries()) {
      if (invoked > until) break;
      const bit = 1n << BigInt(n);
      if ((done & bit) !== 0n) continue;
      const next = apply(state, operation, outcome?.answer);
      if (next === undefined) continue;
      const name = `${(done | bit).toString(36)} ${nameOf(next)}`;
      if (tried.has(name)) continue;
      tried.add(name);
      open.push({ done: done | bit, count: count + (outcome === undefined ? 0 : 1), state: next });
    }
  }
  return { explained, of: calls.filter(({ outcome }) => outcome !== undefined).length };
}
