import { expect, test } from 'vitest';
import type { StageKind } from '../stage/stage.ts';
import { ableTo } from './abilities.ts';

const stage = (name: string, changes: Partial<StageKind> = {}): StageKind => ({
  name,
  faults: ['kill', 'pause'],
  share: 1,
  missing: async () => undefined,
  start: () => Promise.reject(new Error('not started here')),
  ...changes,
});

test('what cannot be done is told, and left out', async () => {
  const skipped: string[] = [];
  const forRoot = stage('power', { faults: ['power', 'kill'], special: 'power', missing: async () => 'root only' });
  const able = await ableTo([stage('apart'), forRoot], ['kill', 'power'], (what) => void skipped.push(what));
  expect(able.stages.map(({ name }) => name)).toEqual(['apart']);
  expect(skipped).toEqual(['stage power: root only']);
});

test('a stage that is there for a fault is not set up for others', async () => {
  const forPower = stage('power', { faults: ['power', 'kill'], special: 'power' });
  expect((await ableTo([forPower], ['kill'], () => undefined)).stages).toEqual([]);
});
