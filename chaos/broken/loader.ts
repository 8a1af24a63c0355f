/** Loaded before a process of the system (`--import …/loader.ts?guard=NAME`): takes a guard out of its modules. */
import { registerHooks } from 'node:module';
import { GUARDS } from './guards.ts';

const name = new URL(import.meta.url).searchParams.get('guard') ?? '';
const guard = GUARDS[name];
if (guard === undefined) throw new Error(`no guard is called ${name}`);

const root = new URL('../../', import.meta.url);
const patches = guard.patches.map((patch) => ({ ...patch, url: new URL(patch.module, root).href }));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const mine = patches.filter((patch) => patch.url === url);
    if (mine.length === 0) return loaded;
    const { source: given = '' } = loaded;
    let source = typeof given === 'string' ? given : Buffer.from(given as Uint8Array).toString();
    for (const { module, find, replace } of mine) {
      if (source.split(find).length !== 2) throw new Error(`${name}: the guard is not where it was in ${module}`);
      source = source.replace(find, () => replace);
    }
    return { ...loaded, source };
  },
});
