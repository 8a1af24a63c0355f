/** How commands to actors fare, as their callers see it, over the moments between two looks. */
import type { FailureCode } from '../../actors/runtime/envelope.ts';

export type CallFigures = {
  readonly answered: number;
  /** Half of those answered took longer, ms; 0 if there were none. */
  readonly medianMs: number;
  /** Refused because the actor had its bound of commands waiting. */
  readonly full: number;
  /** No answer, or not decided, in time. */
  readonly late: number;
};

export type CallObserver = (ms: number, failure: FailureCode | 'timeout' | 'no-node' | undefined) => void;

/** Times kept for a median; more come in only as numbers. */
const MOST_SAMPLES = 256;

export class CallWatch {
  #answered = 0;
  #full = 0;
  #late = 0;
  readonly #times = new Float64Array(MOST_SAMPLES);

  readonly observe: CallObserver = (ms, failure) => {
    if (failure === undefined) {
      // The last ones: a ring.
      this.#times[this.#answered % MOST_SAMPLES] = ms;
      this.#answered += 1;
    } else if (failure === 'mailbox-full') this.#full += 1;
    else if (failure === 'timeout' || failure === 'deadline-exceeded') this.#late += 1;
  };

  /** Since it was last asked. */
  take(): CallFigures {
    const times = this.#times.subarray(0, Math.min(this.#answered, MOST_SAMPLES)).toSorted();
    const figures = {
      answered: this.#answered,
      medianMs: times[times.length >> 1] ?? 0,
      full: this.#full,
      late: this.#late,
    };
    this.#answered = 0;
    this.#full = 0;
    this.#late = 0;
    return figures;
  }
}
