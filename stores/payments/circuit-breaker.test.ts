import { beforeEach, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

class Down extends Error {}
class Refusal extends Error {}

let now: number;
let calls: number;
let changes: string[];
let breaker: CircuitBreaker;

beforeEach(() => {
  now = 0;
  calls = 0;
  changes = [];
  breaker = new CircuitBreaker({
    failures: 3,
    openMs: 1_000,
    isFailure: (error) => error instanceof Down,
    refusal: () => new Refusal('open'),
    onChange: (state) => changes.push(state),
    clock: () => now,
  });
});

const ask = (answer: () => Promise<string>) =>
  breaker
    .run(() => {
      calls += 1;
      return answer();
    })
    .catch((error: unknown) => (error instanceof Error ? error.constructor.name : 'odd'));
const up = async () => 'up';
const down = async () => Promise.reject(new Down('down'));
const refused = async () => Promise.reject(new RangeError('no'));

it('opens after so many failures in a row; what came between counts anew', async () => {
  await ask(down);
  await ask(down);
  await ask(up);
  await ask(down);
  await ask(down);
  // A refusal is an answer.
  await ask(refused);
  await ask(down);
  await ask(down);
  expect(breaker.isOpen).toBe(false);
  await ask(down);
  expect(breaker.isOpen).toBe(true);
  expect(calls).toBe(9);
  expect(await ask(up)).toBe('Refusal');
  expect(calls).toBe(9);
});

const trip = async () => {
  for (let n = 0; n < 3; n += 1) await ask(down);
};

it('probes with one call when its time is over, and closes if that succeeds', async () => {
  await trip();
  now = 999;
  expect(await ask(up)).toBe('Refusal');
  now = 1_000;
  const answers = await Promise.all([ask(up), ask(up), ask(up)]);
  expect(answers).toEqual(['up', 'Refusal', 'Refusal']);
  expect(await ask(up)).toBe('up');
  expect(changes).toEqual(['open', 'closed']);
});

it('stays open for as long again if the probe fails', async () => {
  await trip();
  now = 1_000;
  expect(await ask(down)).toBe('Down');
  now = 1_999;
  expect(await ask(up)).toBe('Refusal');
  now = 2_000;
  expect(await ask(up)).toBe('up');
  expect(changes).toEqual(['open', 'closed']);
});

it('is not closed by a call that set out before it opened', async () => {
  let answer: (text: string) => void = () => undefined;
  const early = ask(() => new Promise<string>((resolve) => (answer = resolve)));
  await trip();
  answer('late');
  expect(await early).toBe('late');
  expect(await ask(up)).toBe('Refusal');
});

it('says when a call would be the probe, and while one is', async () => {
  expect(breaker.state).toBe('closed');
  await trip();
  expect(breaker.state).toBe('open');
  now = 1_000;
  expect(breaker.state).toBe('half-open');
  let answer: (text: string) => void = () => undefined;
  const probe = ask(() => new Promise<string>((resolve) => (answer = resolve)));
  expect(breaker.state).toBe('open');
  answer('up');
  await probe;
  expect(breaker.state).toBe('closed');
});
