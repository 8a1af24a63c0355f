import { expect, test } from 'vitest';
import { FAULT_NAMES } from '../faults/fault.ts';
import { planOf, stageOf } from './plan.ts';
import { STAGES } from './runs.ts';

const processes = ['gateway', 'actors-1', 'nats-server', 'postgres', 'redis', 'simulator'] as const;
const told = (seed: number) => {
  const kind = stageOf(seed, STAGES);
  const plan = planOf(seed, kind, { processes }, FAULT_NAMES);
  return { stage: kind.name, plan: plan.map(({ fault, what, atMs, holdMs }) => ({ fault, what, atMs, holdMs })) };
};

test('a seed is the same plan again', () => {
  for (let seed = 0; seed < 50; seed++) expect(told(seed)).toEqual(told(seed));
});

test('two hundred seeds have every fault, on every stage', () => {
  const all = Array.from({ length: 200 }, (_, seed) => told(seed));
  expect(new Set(all.flatMap(({ plan }) => plan.map(({ fault }) => fault)))).toEqual(new Set(FAULT_NAMES));
  expect(new Set(all.map(({ stage }) => stage))).toEqual(new Set(STAGES.map(({ name }) => name)));
});

test('where a stage is there for a fault, each of its runs has it once, and at most two others', () => {
  for (let seed = 0; seed < 200; seed++) {
    const { stage, plan } = told(seed);
    const special = STAGES.find(({ name }) => name === stage)?.special;
    expect(plan.length).toBeGreaterThanOrEqual(1);
    expect(plan.length).toBeLessThanOrEqual(3);
    if (special !== undefined) expect(plan.filter(({ fault }) => fault === special)).toHaveLength(1);
  }
});

test('only what is allowed', () => {
  for (let seed = 0; seed < 50; seed++) {
    const able = STAGES.filter(({ special, faults }) => special === undefined && faults.includes('kill'));
    const plan = planOf(seed, stageOf(seed, able), { processes }, ['kill']);
    expect(new Set(plan.map(({ fault }) => fault))).toEqual(new Set(['kill']));
  }
});
