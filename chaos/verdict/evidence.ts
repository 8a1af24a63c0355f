/** The books, read again and again until the system has come to rest or the time is over. */
import { setTimeout as pause } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { LedgerReader } from '../../bench/reckoning/ledgers.ts';
import { readTables } from '../../bench/reckoning/tables.ts';
import { readTill } from '../../bench/reckoning/till.ts';
import type { System } from '../../bench/system.ts';
import { type DeadLetter, deadLetters } from '../../brokers/reactors/dead-letters.ts';
import type { Evidence, Finding } from './judge.ts';

const LOOK_EVERY_MS = 250;
/** A server that is on its way back. */
const READ_WITHIN_MS = 10_000;
const PATIENT = { maxReconnectAttempts: -1, pingInterval: 2_000, maxPingOut: 2 };

/** By the clients, or by their stage. */
export type Known = Pick<Evidence, 'diary' | 'goods' | 'before' | 'salesOver'>;

export type Settled = {
  readonly findings: readonly Finding[];
  /** Undefined: the books cannot be read. */
  readonly evidence: Evidence | undefined;
  /** What was not yet as it should be just before. */
  readonly waitedFor: string | undefined;
};

export class Books {
  readonly #system: System;
  #nc: NatsConnection | undefined;
  #ledgers = new LedgerReader();
  #lettersSeen = 0;

  constructor(system: System) {
    this.#system = system;
  }

  /** `judge`d until nothing is found, or until `end` (of `performance.now`): then with what is still wrong. */
  async settle(known: Known, judge: (evidence: Evidence) => readonly Finding[], end: number): Promise<Settled> {
    let findings: readonly Finding[] = [];
    let waitedFor: string | undefined;
    let evidence: Evidence | undefined;
    for (;;) {
      try {
        evidence = await this.#read(known);
        findings = judge(evidence);
      } catch (error) {
        // Its reading may still be under way, and its connection be to a server that is cut off.
        this.forget();
        void this.#nc?.close().catch(() => undefined);
        this.#nc = undefined;
        evidence = undefined;
        findings = [
          { kind: 'unfinished', what: `the books cannot be read: ${error instanceof Error ? error.message : error}` },
        ];
      }
      if (findings.length === 0 || performance.now() > end) break;
      waitedFor = findings[0]?.what;
      await pause(LOOK_EVERY_MS);
    }
    this.#lettersSeen += evidence?.deadLetters.length ?? 0;
    return { findings, evidence, waitedFor };
  }

  /** What was read may have been lost since. */
  forget(): void {
    this.#ledgers = new LedgerReader();
  }

  async close(): Promise<void> {
    await this.#nc?.close().catch(() => undefined);
  }

  async #read(known: Known): Promise<Evidence> {
    const { natsUrl, databaseUrl, simulator } = this.#system;
    this.#nc ??= await connect({ servers: natsUrl.split(','), name: 'haat-chaos', timeout: 3_000, ...PATIENT });
    const reading = this.#all(this.#nc, databaseUrl, simulator);
    const late = pause(READ_WITHIN_MS, undefined, { ref: false }).then(() => {
      throw new Error(`not read within ${READ_WITHIN_MS} ms`);
    });
    return { ...known, ...(await Promise.race([reading, late])) };
  }

  async #all(nc: NatsConnection, databaseUrl: string, simulator: string) {
    const letters: DeadLetter[] = [];
    for await (const { letter } of deadLetters(nc)) letters.push(letter);
    const [ledgers, tables, till] = [
      await this.#ledgers.read(nc),
      await readTables(databaseUrl),
      await readTill(simulator),
    ];
    return { ledgers, tables, till, deadLetters: letters.slice(this.#lettersSeen) };
  }
}
