/**
 * `first` at the first SIGINT, SIGTERM or SIGHUP; `again` when somebody will not wait. One Ctrl-C may arrive twice,
 * from the terminal and from npm, which passes its own on: what follows within a second is the same one.
 */
export function onStopSignal(first: () => void, again: () => void): void {
  let since: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (since === undefined) {
        since = performance.now();
        first();
      } else if (performance.now() - since > 1_000) {
        again();
      }
    });
  }
}
