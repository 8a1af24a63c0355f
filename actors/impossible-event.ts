/** A history that `decide` cannot have written: an event that does not fit the state before it. Never retried. */
export class ImpossibleEvent extends Error {
  readonly code = 'impossible-event';
  readonly retryable = false;
  constructor(event: string, status: string) {
    super(`${event} cannot follow in status ${status}`);
    this.name = 'ImpossibleEvent';
  }
}
