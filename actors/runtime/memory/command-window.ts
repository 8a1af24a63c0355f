/**
 * The commands that an actor remembers, oldest first, so that a repeat gets the first outcome. The last
 * `commandWindow` of them travel in snapshots. In memory they stay longer: on a hot actor that many commands are
 * a few milliseconds, and a caller's retry must still find its first try after a second or two.
 */
import type { Instant } from '../../ids.ts';

export type FirstOutcome = { readonly version: number; readonly result: unknown };

type Remembered = { readonly at: Instant; readonly json: string };

/** Longer than any caller goes on retrying one intent. */
const KEEP_MS = 15_000;
const KEEP_AT_MOST = 16_384;
/** A map entry, a key of some forty characters, an object. */
const ENTRY_BYTES = 200;

/**
 * As a snapshot carries it, in one piece: it is written many times and read back almost never, and at a peak a hundred
 * thousand of them are in memory.
 */
export const outcomeJson = (commandId: string, version: number, result: unknown): string =>
  JSON.stringify(result === undefined ? [commandId, version] : [commandId, version, result]);

export class CommandWindow {
  readonly #carried: number;
  readonly #outcomes = new Map<string, Remembered>();
  #jsonBytes = 0;

  /** `carried`: how many of them a snapshot carries. */
  constructor(carried: number) {
    this.#carried = carried;
  }

  get approximateBytes(): number {
    return this.#outcomes.size * ENTRY_BYTES + this.#jsonBytes;
  }

  find(commandId: string): FirstOutcome | undefined {
    const outcome = this.#outcomes.get(commandId);
    if (outcome === undefined) return undefined;
    const [, version, result]: [string, number, unknown?] = JSON.parse(outcome.json);
    return { version, result };
  }

  /** `json`: see outcomeJson. */
  remember(commandId: string, at: Instant, json: string): void {
    if (this.#outcomes.has(commandId)) return;
    this.#outcomes.set(commandId, { at, json });
    this.#jsonBytes += json.length;
  }

  /** Only between turns: within one, every command of it must be found. */
  forget(now: Instant): void {
    if (this.#outcomes.size <= this.#carried) return;
    for (const [commandId, { at, json }] of this.#outcomes) {
      const size = this.#outcomes.size;
      if (size <= this.#carried || (size <= KEEP_AT_MOST && at > now - KEEP_MS)) return;
      this.#outcomes.delete(commandId);
      this.#jsonBytes -= json.length;
    }
  }

  /** The snapshot's `recent`, as JSON without the brackets. */
  carriedJson(): string {
    let skip = this.#outcomes.size - this.#carried;
    let json = '';
    for (const outcome of this.#outcomes.values()) {
      if (skip-- > 0) continue;
      json = json === '' ? outcome.json : `${json},${outcome.json}`;
    }
    return json;
  }
}
