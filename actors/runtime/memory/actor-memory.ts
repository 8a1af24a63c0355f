/** What an activation holds of its actor between turns: state, place in the log, window, reminders. */
import type { Instant } from '../../ids.ts';
import type { AnyKind, StateOf } from '../kind.ts';
import { CommandWindow } from './command-window.ts';
import { ReminderBook } from './reminder-book.ts';

const DEFAULT_COMMAND_WINDOW = 64;
/** Objects of an activation besides state and window. */
const BASE_BYTES = 1_000;

export class ActorMemory {
  state: StateOf<AnyKind>;
  /** Events in the history so far. */
  version = 0;
  /** Of the subject's last message; 0 = none. */
  sequence = 0;
  /** Of the last message that carried a snapshot; 0 = none. */
  snapshotSequence = 0;
  /** Size of the last snapshot that was written or found too large to write. */
  snapshotBytes = 0;
  /** Written since the last snapshot. */
  bytesSinceSnapshot = 0;
  readonly window: CommandWindow;
  readonly reminders = new ReminderBook();

  constructor(kind: AnyKind, id: string) {
    this.state = kind.initial(id);
    this.window = new CommandWindow(kind.limits?.commandWindow ?? DEFAULT_COMMAND_WINDOW);
  }

  /** Objects take about twice their JSON. */
  get approximateBytes(): number {
    return BASE_BYTES + 2 * (this.snapshotBytes + this.bytesSinceSnapshot) + this.window.approximateBytes;
  }

  evolve(kind: AnyKind, events: readonly { readonly type: string }[], at: Instant): void {
    for (const event of events) {
      this.state = kind.evolve(this.state, event, { at, version: this.version + 1 });
      this.version += 1;
    }
  }
}
