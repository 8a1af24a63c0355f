/** The crowd, in two processes: one could not read for a hundred thousand as fast as the gateway writes. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Heard, Order } from './messages.ts';

const PROCESSES = 2;
const ANSWER_WITHIN_MS = 20_000;

/** Raises the number of files that a process may have open. False: not allowed to; it stays as it is. */
export function raiseOpenFiles(pid: number, count: number): boolean {
  try {
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${count}:${count}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export class Crowds {
  readonly #children: readonly ChildProcess[];

  constructor(people: number) {
    this.#children = Array.from({ length: PROCESSES }, () => fork(join(import.meta.dirname, 'crowd-main.ts')));
    for (const { pid = 0 } of this.#children) raiseOpenFiles(pid, people + 1_000);
  }

  async gather(api: string, secret: string, room: string, count: number): Promise<void> {
    const each = Math.ceil(count / PROCESSES);
    const parts = this.#children.map((_, index) => Math.min(each, count - index * each));
    await this.#all((index) => ({ do: 'gather', api, secret, room, from: index * each, count: parts[index] ?? 0 }));
  }

  async report(): Promise<Heard> {
    const heard = await this.#all(() => ({ do: 'report' }));
    const sum = (of: (one: Heard) => number): number => heard.reduce((total, one) => total + of(one), 0);
    return {
      waiting: sum(({ waiting }) => waiting),
      failed: sum(({ failed }) => failed),
      cutOff: sum(({ cutOff }) => cutOff),
      positions: sum(({ positions }) => positions),
      admitted: heard.flatMap(({ admitted }) => admitted).sort((a, b) => a - b),
      soldOut: heard.flatMap(({ soldOut }) => soldOut).sort((a, b) => a - b),
      reasons: [...new Set(heard.flatMap(({ reasons }) => reasons))],
      gathering: heard.some(({ gathering }) => gathering),
    };
  }

  async leave(): Promise<void> {
    await this.#all(() => ({ do: 'leave' }));
  }

  stop(): void {
    for (const child of this.#children) child.kill();
  }

  #all(orderFor: (index: number) => Order): Promise<readonly Heard[]> {
    return Promise.all(
      this.#children.map(
        (child, index) =>
          new Promise<Heard>((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error('a crowd does not answer')), ANSWER_WITHIN_MS);
            child.once('message', (heard: Heard) => {
              clearTimeout(timer);
              resolve(heard);
            });
            child.send(orderFor(index));
          }),
      ),
    );
  }
}
