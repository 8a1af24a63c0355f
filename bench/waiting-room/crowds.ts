/** The crowd, in several processes: one may not have so many files open, nor read as fast as the gateways write. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Heard, Order, Times } from './messages.ts';

const ANSWER_WITHIN_MS = 20_000;

export class Crowds {
  readonly #children: readonly ChildProcess[];
  #gathered = 0;

  constructor(count: number) {
    this.#children = Array.from({ length: count }, () => fork(join(import.meta.dirname, 'crowd-main.ts')));
  }

  async gather(apis: readonly string[], secret: string, room: string, count: number): Promise<void> {
    const ports = apis.map((api) => Number(new URL(api).port));
    const each = Math.ceil(count / this.#children.length);
    // Others than before: the ports of a crowd that has left are not free at once.
    const first = 2 + this.#gathered++ * this.#children.length;
    await this.#all((index) => {
      const from = index * each;
      const people = { from, count: Math.max(0, Math.min(each, count - from)) };
      return { do: 'gather', ports, secret, room, ...people, network: `127.0.${first + index}` };
    });
  }

  async report(): Promise<Heard> {
    return summed(await this.#all(() => ({ do: 'report' })));
  }

  /** In order. */
  async times(): Promise<Times> {
    const heard = await this.#all(() => ({ do: 'times' }));
    const inOrder = (of: (times: Times) => readonly number[]): readonly number[] =>
      heard.flatMap(({ times }) => (times === null ? [] : of(times))).sort((a, b) => a - b);
    return { admitted: inOrder(({ admitted }) => admitted), soldOut: inOrder(({ soldOut }) => soldOut) };
  }

  async leave(): Promise<void> {
    await this.#all(() => ({ do: 'leave' }));
  }

  stop(): void {
    for (const child of this.#children) child.kill();
  }

  #all(orderFor: (index: number) => Order): Promise<readonly Heard[]> {
    return Promise.all(this.#children.map((child, index) => asked(child, orderFor(index))));
  }
}

function asked(child: ChildProcess, order: Order): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off('message', heard);
      child.off('exit', gone);
      act();
    };
    const heard = (message: Heard): void => settle(() => resolve(message));
    const gone = (code: number | null): void => settle(() => reject(new Error(`a crowd has ended, code ${code}`)));
    const timer = setTimeout(() => settle(() => reject(new Error('a crowd does not answer'))), ANSWER_WITHIN_MS);
    child.on('message', heard);
    child.on('exit', gone);
    if (child.exitCode !== null || child.signalCode !== null) gone(child.exitCode);
    else child.send(order);
  });
}

function summed(heard: readonly Heard[]): Heard {
  const sum = (of: (one: Heard) => number): number => heard.reduce((total, one) => total + of(one), 0);
  return {
    waiting: sum(({ waiting }) => waiting),
    failed: sum(({ failed }) => failed),
    cutOff: sum(({ cutOff }) => cutOff),
    positions: sum(({ positions }) => positions),
    admitted: sum(({ admitted }) => admitted),
    soldOut: sum(({ soldOut }) => soldOut),
    reasons: [...new Set(heard.flatMap(({ reasons }) => reasons))],
    gathering: heard.some(({ gathering }) => gathering),
    times: null,
  };
}
