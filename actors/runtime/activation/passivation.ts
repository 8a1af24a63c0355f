/**
 * Which actors leave memory: those idle for long, and above the memory limit whoever comes first. A clock hand goes
 * round all activations (second chance: approximately least recently used) and looks at a few at a time, so that a
 * million actors are no pause.
 */
import type { AnyKind } from '../kind.ts';
import type { Activation } from './activation.ts';
import type { ActorSystem } from './actor-system.ts';

/** The hand goes round once in `idleMs`, in this many steps or more; fewer for a kind that is idle sooner. */
const STEPS = 16;
const STEP_AT_MOST_MS = 1_000;
const STEP_AT_LEAST = 256;
/** Above the limit, memory is freed down to this share of it. */
const FREE_DOWN_TO = 0.9;

type Shelf = { readonly kind: AnyKind; readonly activations: Map<string, Activation> };

export class Passivation {
  readonly #system: ActorSystem;
  readonly #shelves: readonly Shelf[];
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(system: ActorSystem, shelves: readonly Shelf[]) {
    this.#system = system;
    this.#shelves = shelves;
    this.#next();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #next(): void {
    if (this.#stopped) return;
    this.#cancel = this.#system.clock.after(this.#stepMs, () => {
      this.#step();
      this.#next();
    });
  }

  get #stepMs(): number {
    return Math.min(Math.ceil(this.#system.limits.idleMs / STEPS), STEP_AT_MOST_MS);
  }

  #step(): void {
    const { clock, limits } = this.#system;
    for (const { kind, activations } of this.#shelves) {
      const idleMs = Math.min(limits.idleMs, kind.limits?.idleMs ?? limits.idleMs);
      const most = Math.max(STEP_AT_LEAST, Math.ceil((activations.size * this.#stepMs) / idleMs));
      this.#turnHand(activations, most, clock.now() - idleMs);
    }
  }

  /** Called when an actor grew: cheap while there is memory. */
  makeRoom(): void {
    const { gauges, limits, clock } = this.#system;
    if (gauges.approximateBytes <= limits.memoryBytes) return;
    const enough = limits.memoryBytes * FREE_DOWN_TO;
    // First what has not been used for a moment, then whatever is idle.
    for (const idleSince of [clock.now() - limits.idleMs / STEPS, clock.now()]) {
      for (const { activations } of this.#shelves) {
        if (gauges.approximateBytes <= enough) return;
        this.#turnHand(activations, activations.size, idleSince, enough);
      }
    }
  }

  #turnHand(shelf: Map<string, Activation>, most: number, idleSince: number, enough = 0): void {
    const { gauges, metrics } = this.#system;
    let looked = 0;
    let dropped = 0;
    for (const [id, activation] of shelf) {
      if (looked++ >= most || gauges.approximateBytes <= enough) break;
      shelf.delete(id);
      if (activation.idle && activation.lastUsed <= idleSince) {
        activation.forgotten();
        dropped += 1;
        metrics.count('passivations', activation.place.kind.name, 1);
      } else {
        // Behind the hand: looked at again when it has gone round.
        shelf.set(id, activation);
      }
    }
    if (dropped > 0) this.#system.logger.debug({ event: 'actors-passivated', dropped, left: shelf.size });
  }
}
