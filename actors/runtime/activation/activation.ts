/**
 * An actor in memory. It takes turns: everything in the mailbox is decided in order, appended to the log as one
 * commit, and answered after the acknowledgement. Messages that come meanwhile wait for the next turn, so a hot
 * actor commits as much at once as came in during one round trip.
 *
 * The log is the lock. If somebody else has written, or the acknowledgement does not come, the memory is dropped
 * and read again from the log: commands found there have happened and get their first outcome, all others are
 * decided again.
 */
import type { Instant } from '../../ids.ts';
import type { FailureCode } from '../envelope.ts';
import type { ActorMemory } from '../memory/actor-memory.ts';
import type { ActorPlace } from '../memory/loading.ts';
import { type ActorSystem, commitBytes } from './actor-system.ts';
import { Journal } from './journal.ts';
import { type CommandMessage, expired, fail, Mailbox, type Message, type ReadReply } from './mailbox.ts';
import { keepReminders } from './reminding.ts';
import { decideAll } from './turn.ts';
import { Watchers } from './watchers.ts';

const DEFAULT_MAILBOX = 10_000;
/** A character of JSON is at most three bytes of UTF-8. */
const BYTES_A_CHARACTER = 3;
const MAX_PAUSE_MS = 250;

export class Activation {
  readonly place: ActorPlace;
  readonly partition: number;
  /** For passivation: when it last did something. */
  lastUsed: Instant;
  readonly #system: ActorSystem;
  readonly #journal: Journal;
  readonly #mailbox: Mailbox;
  readonly #watchers: Watchers;
  #running = false;
  #retired: FailureCode | undefined;
  readonly #whenIdle: (() => void)[] = [];
  #countedBytes = 0;

  constructor(system: ActorSystem, place: ActorPlace, partition: number) {
    this.place = place;
    this.partition = partition;
    this.lastUsed = system.clock.now();
    this.#system = system;
    this.#journal = new Journal(system, place);
    this.#mailbox = new Mailbox(place.kind.limits?.mailbox ?? DEFAULT_MAILBOX);
    this.#watchers = new Watchers(system, (message) => this.deliver({ ...message, type: 'read' }));
  }

  /** Nothing to do and nobody waiting: it may leave memory. */
  get idle(): boolean {
    return !this.#running && this.#watchers.size === 0;
  }

  /**
   * What a turn would answer to a read, without one: nothing waits or is under way, and the log has confirmed the memory
   * lately. undefined: ask in turn. `after`: only if the version is above it.
   */
  glance(after = -1): ReadReply | undefined {
    const { memory } = this.#journal;
    if (this.#running || this.#retired !== undefined || memory === undefined) return undefined;
    if (memory.version <= after) return undefined;
    const now = this.#system.clock.now();
    if (this.#journal.inDoubt || !this.#journal.isFresh(now)) return undefined;
    this.lastUsed = now;
    return this.#view(memory);
  }

  deliver(message: Message): void {
    const refusal = this.#retired ?? (this.#mailbox.put(message) ? undefined : 'mailbox-full');
    if (refusal !== undefined) {
      fail(message, refusal);
      return;
    }
    this.#system.gauges.waiting += 1;
    if (this.#running) return;
    this.#running = true;
    // In a microtask, so that what else arrived with this message is in the first turn already.
    queueMicrotask(() => void this.#run());
  }

  /** New messages are answered `reason`; resolves when those that wait are done. */
  retire(reason: FailureCode): Promise<void> {
    this.#retired ??= reason;
    this.#watchers.fail(reason);
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** The grace is over: what is not being decided now will not be decided here. */
  abandon(reason: FailureCode): void {
    for (const message of this.#take(Number.POSITIVE_INFINITY)) fail(message, reason);
  }

  /** It has left memory: what it counted for is given back. */
  forgotten(): void {
    this.#count(0);
  }

  async #run(): Promise<void> {
    while (this.#mailbox.size > 0) {
      const messages = this.#take(this.#system.limits.turn);
      try {
        await this.#turn(messages);
      } catch (error) {
        // A bug of the runtime: still, nobody is left without an answer, and the memory is not trusted.
        this.#system.logger.error({ event: 'turn-failed', actor: this.place.subject, err: error });
        this.#journal.drop();
        for (const message of messages) fail(message, 'log-unavailable');
      }
    }
    this.#running = false;
    this.lastUsed = this.#system.clock.now();
    this.#count(this.#journal.memory?.approximateBytes ?? 0);
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  async #turn(messages: readonly Message[]): Promise<void> {
    const { clock, limits, metrics, complain } = this.#system;
    const kind = this.place.kind.name;
    const began = clock.now();
    for (let failures = 0; failures < limits.attempts; failures++) {
      if (failures > 0) await this.#pause(failures);
      // Nobody waits any more: whoever cares asks again, with the same command id.
      if (failures > 1 && messages.every((message) => expired(message, clock.now()))) break;
      const taken = await this.#attempt(messages);
      if (taken === undefined) continue;
      this.#journal.settled();
      this.#answer(messages, taken);
      metrics.observe('turn-ms', kind, clock.now() - began);
      return;
    }
    complain('turn-given-up', { actor: this.place.subject, messages: messages.length });
    metrics.count('failures', kind, messages.length);
    for (const message of messages) fail(message, 'log-unavailable');
  }

  /** How many of the messages are decided and durable; undefined: none, try again. */
  async #attempt(messages: readonly Message[]): Promise<number | undefined> {
    const journal = this.#journal;
    const memory = journal.memory ?? (await journal.recall());
    if (memory === undefined) return undefined;
    const now = this.#system.clock.now();
    const from = memory.version + 1;
    const turn = decideAll(this.place.kind, memory, messages, {
      now,
      characters: commitBytes(this.#system) / BYTES_A_CHARACTER,
      poisoned: (message, cause) => this.#poisoned(message, cause),
    });
    if (turn.spoilt) {
      // The message that spoilt it is marked; the others are decided again, on sound memory.
      journal.drop();
      return this.#attempt(messages);
    }
    const reminded = keepReminders(this.#system, this.place, memory, messages, now);
    const writes = turn.entries.length > 0 || journal.inDoubt;
    const durable = writes
      ? await journal.write(memory, from, turn.entries)
      : (!turn.fromMemory && journal.isFresh(now)) || (await journal.isCurrent(memory));
    if (durable && (reminded === true || (await reminded))) return turn.taken;
    journal.drop();
    return undefined;
  }

  #answer(messages: readonly Message[], taken: number): void {
    const memory = this.#journal.memory;
    if (memory === undefined) return;
    if (taken < messages.length) {
      this.#mailbox.putBack(messages.slice(taken));
      this.#system.gauges.waiting += messages.length - taken;
    }
    const { metrics } = this.#system;
    const kind = this.place.kind.name;
    let commands = 0;
    let rejections = 0;
    let view: ReadReply | undefined;
    for (let i = 0; i < taken; i++) {
      const message = messages[i] as Message;
      if (message.type === 'command') {
        const reply = message.reply ?? { failure: 'log-unavailable' };
        commands += 1;
        if ('ok' in reply && !reply.ok) rejections += 1;
        message.answer(reply);
      } else if (
        message.type === 'watch' &&
        message.after >= memory.version &&
        !expired(message, this.#system.clock.now())
      ) {
        this.#watchers.add(message);
      } else {
        view ??= this.#view(memory);
        message.answer(view);
      }
    }
    for (const watcher of this.#watchers.behind(memory.version)) {
      view ??= this.#view(memory);
      watcher.answer(view);
    }
    if (commands > 0) metrics.count('commands', kind, commands);
    if (rejections > 0) metrics.count('rejections', kind, rejections);
    memory.window.forget(this.#system.clock.now());
  }

  #view(memory: ActorMemory): ReadReply {
    try {
      return { version: memory.version, view: this.place.kind.view(memory.state, this.#system.clock.now()) };
    } catch (error) {
      this.#system.logger.error({ event: 'view-failed', actor: this.place.subject, err: error });
      return { failure: 'command-failed' };
    }
  }

  #poisoned(message: CommandMessage, cause: unknown): void {
    message.poisoned = true;
    const { commandId, type } = message.envelope;
    this.#system.metrics.count('poisoned', this.place.kind.name, 1);
    this.#system.logger.error({ event: 'command-failed', actor: this.place.subject, type, commandId, err: cause });
  }

  #take(most: number): readonly Message[] {
    const messages = this.#mailbox.take(most);
    this.#system.gauges.waiting -= messages.length;
    return messages;
  }

  /** With jitter, so that two activations of one actor do not go on colliding. */
  #pause(failures: number): Promise<void> {
    const most = Math.min(2 ** failures, MAX_PAUSE_MS);
    return new Promise((resolve) => this.#system.clock.after(Math.ceil(Math.random() * most), resolve));
  }

  #count(bytes: number): void {
    this.#system.gauges.approximateBytes += bytes - this.#countedBytes;
    this.#countedBytes = bytes;
  }
}
