/**
 * The commands that an actor remembers, oldest first, so that a repeat gets the first outcome. The last
 * `commandWindow` of them travel in snapshots. In memory they stay longer: on a hot actor that many commands are
 * a few milliseconds, and a caller's retry must still find its first try after a second or two.
 */
import type { Instant } from '../../ids.ts';

export type FirstOutcome = {
  readonly version: number;
  readonly at: Instant;
  /** As JSON, because it is written twice (entry, snapshot) and read back almost never. */
  readonly result: string | undefined;
};

/** Longer than any caller goes on retrying one intent. */
const KEEP_MS = 15_000;
const KEEP_AT_MOST = 16_384;
/** A map entry, a key of some forty characters, an object. */
const ENTRY_BYTES = 200;

const jsonOf = (commandId: string, { version, result }: FirstOutcome): string =>
  `[${JSON.stringify(commandId)},${version}${result === undefined ? '' : `,${result}`}]`;

export class CommandWindow {
  readonly #carried: number;
  readonly #outcomes = new Map<string, FirstOutcome & { json?: string }>();
  #resultBytes = 0;

  /** `carried`: how many of them a snapshot carries. */
  constructor(carried: number) {
    this.#carried = carried;
  }

  get approximateBytes(): number {
    return this.#outcomes.size * ENTRY_BYTES + this.#resultBytes;
  }

  find(commandId: string): FirstOutcome | undefined {
    return this.#outcomes.get(commandId);
  }

  remember(commandId: string, version: number, at: Instant, result: string | undefined): void {
    if (this.#outcomes.has(commandId)) return;
    this.#outcomes.set(commandId, { version, at, result });
    this.#resultBytes += result === undefined ? 0 : result.length;
  }

  /** Only between turns: within one, every command of it must be found. */
  forget(now: Instant): void {
    if (this.#outcomes.size <= this.#carried) return;
    for (const [commandId, { at, result }] of this.#outcomes) {
      const size = this.#outcomes.size;
      if (size <= this.#carried || (size <= KEEP_AT_MOST && at > now - KEEP_MS)) return;
      this.#outcomes.delete(commandId);
      this.#resultBytes -= result === undefined ? 0 : result.length;
    }
  }

  /** The snapshot's `recent`, as JSON without the brackets. */
  carriedJson(): string {
    let skip = this.#outcomes.size - this.#carried;
    let json = '';
    for (const [commandId, outcome] of this.#outcomes) {
      if (skip-- > 0) continue;
      // Carried by many commits, made once.
      outcome.json ??= jsonOf(commandId, outcome);
      json = json === '' ? outcome.json : `${json},${outcome.json}`;
    }
    return json;
  }
}
