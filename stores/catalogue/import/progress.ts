/** How far an import or a rebuild is: a bar that redraws itself in a terminal, a line now and then elsewhere. */
export type Progress = {
  /** `fraction`: of the file, 0–1. */
  readonly show: (rows: number, fraction: number) => void;
  /** Leaves the last state standing. */
  readonly end: () => void;
};

type Screen = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };

const WIDTH = 30;
const EVERY_MS = { terminal: 100, log: 2_000 };

export function createProgress(
  screen: Screen,
  now: () => number = performance.now.bind(performance),
  unit = 'rows',
): Progress {
  const startedAt = now();
  const terminal = screen.isTTY === true;
  let shownAt = Number.NEGATIVE_INFINITY;
  let last = '';
  return {
    show(rows, fraction) {
      const seconds = (now() - startedAt) / 1_000;
      last = progressLine(rows, fraction, seconds, unit);
      if (now() - shownAt < (terminal ? EVERY_MS.terminal : EVERY_MS.log)) return;
      shownAt = now();
      screen.write(terminal ? `\r${last}\u001b[K` : `${last}\n`);
    },
    end() {
      if (last !== '') screen.write(terminal ? `\r${last}\u001b[K\n` : `${last}\n`);
    },
  };
}

export function progressLine(rows: number, fraction: number, seconds: number, unit = 'rows'): string {
  const full = Math.round(fraction * WIDTH);
  const rate = seconds > 0 ? Math.round(rows / seconds) : 0;
  const left = fraction > 0 ? Math.ceil((seconds / fraction) * (1 - fraction)) : undefined;
  return [
    `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.round(fraction * 100)).padStart(3)} %`,
    `${rows.toLocaleString('en-IN')} ${unit}`,
    `${rate.toLocaleString('en-IN')}/s`,
    left === undefined ? '' : `${left} s left`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
