/**
 * Whatever order messages travel in, whatever is lost, delayed or delivered late, and whichever of two hosts believe
 * that they own an actor: each accepted command is in the history exactly once, and every answer agrees with it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instant } from '../ids.ts';
import type { CommandReply } from './activation/mailbox.ts';
import type { Clock } from './ports.ts';
import { harness } from './testing/harness.ts';
import type { LogFault } from './testing/memory-log.ts';
import { TILL_LIMIT, tillKind } from './testing/till.ts';
import { settle } from './testing/virtual-clock.ts';

type Sent = { readonly node: 0 | 1; readonly actor: 'a' | 'b'; readonly amount: number };

const sent: fc.Arbitrary<Sent> = fc.record({
  node: fc.constantFrom(0, 1),
  actor: fc.constantFrom('a', 'a', 'a', 'b'),
  amount: fc.constantFrom(1, 2, TILL_LIMIT / 4, TILL_LIMIT),
});
const fault: fc.Arbitrary<LogFault | undefined> = fc.constantFrom(
  undefined,
  undefined,
  'lost-landed',
  'lost-not-landed',
  'lands-late',
  'overtaken',
);

const story = fc.record({
  commands: fc.array(sent, { minLength: 1, maxLength: 25 }),
  faults: fc.array(fault, { maxLength: 20 }),
  lostReads: fc.array(fc.boolean(), { maxLength: 10 }),
  lags: fc.array(fc.nat(3), { maxLength: 10 }),
  choices: fc.array(fc.nat(1_000), { minLength: 20, maxLength: 200 }),
});

/** Nothing happens but one thing at a time, and which comes next is the story's choice. */
class Fate {
  readonly #choices: readonly number[];
  #possible: (() => void)[] = [];
  #step = 0;
  now: Instant = 1_000;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  get choice(): number {
    return this.#choices[this.#step++ % this.#choices.length] as number;
  }

  readonly travel = (): Promise<void> => new Promise((resolve) => this.#possible.push(resolve));

  readonly clock: Clock = {
    now: () => this.now,
    after: (_ms, fire) => {
      this.#possible.push(fire);
      return () => {
        this.#possible = this.#possible.filter((other) => other !== fire);
      };
    },
  };

  async untilDone(all: Promise<unknown>, meanwhile: (choice: number) => void): Promise<void> {
    let done = false;
    void all.then(() => {
      done = true;
    });
    for (let step = 0; !done; step++) {
      await settle();
      this.now += 1;
      const choice = this.choice;
      meanwhile(choice);
      this.#possible.splice(choice % Math.max(this.#possible.length, 1), 1)[0]?.();
      if (step > 50_000) throw new Error('it never ends');
    }
  }
}

type Told = { readonly reply: CommandReply; readonly doubted: boolean };

/** As the proxies do it: a failure that may be retried is, with the same id, at the other node. */
async function insist(send: (attempt: number) => Promise<CommandReply>): Promise<Told> {
  let doubted = false;
  for (let attempt = 0; ; attempt++) {
    const reply = await send(attempt);
    if (!('failure' in reply) || reply.failure !== 'log-unavailable' || attempt === 3) return { reply, doubted };
    doubted = true;
  }
}

test('each accepted command is in the history exactly once, and the answers agree with it', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ commands, faults, lostReads, lags, choices }) => {
      const fate = new Fate(choices);
      const world = harness(tillKind);
      const lost = [...lostReads];
      const failing = [...faults];
      const lagging = [...lags];
      const options = {
        clock: fate.clock,
        travel: fate.travel,
        onAppend: () => failing.shift(),
        onRead: () => lost.shift() ?? false,
        lag: () => lagging.shift() ?? 0,
        // Few, so that a node gives up now and then and the other one takes over in the middle of it.
        limits: { idleMs: 1e12, attempts: 3 },
      };
      const nodes = [world.node(options), world.node(options)] as const;
      const told = Promise.all(
        commands.map(({ node, actor, amount }, i) =>
          insist((attempt) => {
            const at = nodes[((node + attempt) % 2) as 0 | 1];
            return at.send(actor, 'pay', { amount }, { commandId: `c${i}`, deadline: 1e12 });
          }),
        ),
      );
      await fate.untilDone(told, (choice) => {
        if (choice % 7 === 0) world.log.deliverLate();
      });
      world.log.deliverLate();
      const answers = await told;

      for (const actor of ['a', 'b'] as const) {
        const history = world.commands(actor).map(({ commandId }) => commandId);
        expect(new Set(history).size).toBe(history.length);
        let total = 0;
        let next = 1;
        for (const { from, entries } of world.commits(actor)) {
          expect(from).toBe(next);
          next += entries.length;
          for (const { commandId, events, result } of entries) {
            for (const event of events) if ('amount' in event) total += Number(event.amount);
            expect(result).toEqual({ total });
            const answer = answers[Number(commandId.slice(1))]?.reply;
            if (answer !== undefined && 'ok' in answer && answer.ok) {
              expect(answer).toEqual({ ok: true, version: history.indexOf(commandId) + 1, result: { total } });
            }
          }
        }
        expect(total).toBeLessThanOrEqual(TILL_LIMIT);
        expect(await world.node().read(actor)).toMatchObject({ version: history.length, view: { total } });
        answers.forEach(({ reply, doubted }, i) => {
          if (commands[i]?.actor !== actor) return;
          const times = history.filter((id) => id === `c${i}`).length;
          if ('ok' in reply && reply.ok) expect(times).toBe(1);
          // Refused here, after another node gave up on it unread: only that may have landed after all.
          if ('ok' in reply && !reply.ok && !doubted) expect(times).toBe(0);
        });
      }
    }),
    { numRuns: 500 },
  );
}, 60_000);
