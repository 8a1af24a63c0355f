/**
 * Golden fixtures: `<kind>/fixtures/<EventType>.v<version>.json`, one for each version in which an event was ever
 * written, kept as it was written: `{ before, event, view }`. Whatever becomes of the code, it reads the event after
 * the history `before` (stored events too) and shows `view`. A fixture is never changed; a new version is a new file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { StoredEvent } from '../commit.ts';
import type { ActorKind, Contract, DomainEvent } from '../kind.ts';
import { STORY_BEGINS } from './given.ts';

type Fixture = { readonly before: readonly StoredEvent[]; readonly event: StoredEvent; readonly view: unknown };

/** `today`: every event type with the version that today's code writes; the compiler sees that none is missing. */
export function goldenFixtures<C extends Contract, S, E extends DomainEvent, V>(
  kind: ActorKind<string, C, S, E, V>,
  folder: URL,
  today: Readonly<Record<E['type'], number>>,
): void {
  // Without `upcast` every stored event is of today's shape.
  const read = (stored: StoredEvent): E => kind.upcast?.(stored) ?? (stored as DomainEvent as E);
  const files = readdirSync(folder).sort();

  test.each(files)('%s is still read', (file) => {
    const { before, event, view }: Fixture = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    expect(file).toBe(`${event.type}.v${event.v ?? 1}.json`);
    let state = kind.initial('golden-1');
    let version = 0;
    for (const stored of [...before, event])
      state = kind.evolve(state, read(stored), { at: STORY_BEGINS + version * 1_000, version: ++version });
    expect(JSON.parse(JSON.stringify(kind.view(state, STORY_BEGINS)))).toEqual(view);
  });

  test.each(Object.entries<number>(today))('%s has a fixture of every version to %i', (type, latest) => {
    for (let version = 1; version <= latest; version++) expect(files).toContain(`${type}.v${version}.json`);
  });
}
