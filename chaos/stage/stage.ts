/** A system that is broken on purpose, up for many runs. */
import type { System } from '../../bench/system.ts';
import type { FaultName } from '../faults/fault.ts';
import type { ProcessName } from './processes.ts';
import type { WebhookRelay } from './webhook-relay.ts';

export type Stage = {
  readonly name: string;
  readonly system: System;
  /** What can be killed and stopped. */
  readonly processes: readonly ProcessName[];
  /** The process and what it has started itself; empty while it is being started again. */
  readonly pidsOf: (name: ProcessName) => readonly number[];
  readonly webhooks: WebhookRelay;
  /** Where NATS is on machines of its own: their links, disk and power. */
  readonly servers?: ServerRoom;
  stop(): Promise<void>;
};

/** Each answer heals. */
export type ServerRoom = {
  /** By number. */
  readonly links?: readonly (() => Promise<() => Promise<void>>)[];
  readonly fillDisk?: () => Promise<() => Promise<void>>;
  readonly cutPower?: () => Promise<() => Promise<void>>;
};

export type StageKind = {
  readonly name: string;
  readonly faults: readonly FaultName[];
  /** What only this stage can show: one of it in every run. */
  readonly special?: FaultName;
  /** Of ten runs with all faults allowed, so many are here. */
  readonly share: number;
  /** Why it cannot be set up on this machine; undefined: it can. */
  readonly missing: () => Promise<string | undefined>;
  readonly start: (options: StageOptions) => Promise<Stage>;
};

export type StageOptions = {
  readonly say: (text: string) => void;
  /** For the processes of the system. */
  readonly nodeOptions: string;
};
