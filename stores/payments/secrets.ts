/**
 * Secrets of which several are good at once, so that one can be changed while messages signed with the other are still on
 * their way. In a file they are changed without a restart: the file is looked at when a secret is needed, once a second at
 * most. (A list in an environment variable holds two as well, but no running process sees it change.)
 */
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import type { KeptSecrets } from '../../config/payment-settings.ts';

/** The first one signs, all are believed. Asked for every time it is needed, never kept. */
export type Secrets = () => readonly [string, ...string[]];

const LOOK_EVERY_MS = 1_000;

export const fixedSecrets =
  (...secrets: readonly [string, ...string[]]): Secrets =>
  () =>
    secrets;

/** As the configuration has them. Throws if a file cannot be read now, or a list is empty. */
export const keptSecrets = (kept: KeptSecrets, options: Options = {}): Secrets =>
  'file' in kept ? secretsInFile(kept.file, options) : fixedSecrets(...parseSecrets(kept.list));

/** Separated by commas or line ends, whitespace around them taken off. Throws when there is none. */
export function parseSecrets(text: string): readonly [string, ...string[]] {
  const [first, ...rest] = text.split(/[,\n]/).flatMap((part) => part.trim() || []);
  if (first === undefined) throw new Error('there is no secret in it');
  return [first, ...rest];
}

/**
 * Throws if the file cannot be read now. Later a file that is missing, empty or half written changes nothing: the last
 * good secrets stay, and it is told once.
 */
export function secretsInFile(path: string, { log, clock = () => performance.now() }: Options = {}): Secrets {
  let secrets = parseSecrets(readFileSync(path, 'utf8'));
  let seen = versionOf(path);
  let lookAgain = clock() + LOOK_EVERY_MS;
  let unwell = false;
  return () => {
    if (clock() < lookAgain) return secrets;
    lookAgain = clock() + LOOK_EVERY_MS;
    try {
      const version = versionOf(path);
      if (version === seen && !unwell) return secrets;
      secrets = parseSecrets(readFileSync(path, 'utf8'));
      log?.info({ event: 'secrets-changed', path, count: secrets.length });
      seen = version;
      unwell = false;
    } catch (err) {
      if (!unwell) log?.error({ event: 'secrets-unreadable', path, err });
      unwell = true;
    }
    return secrets;
  };
}

type Options = { readonly log?: Logger; readonly clock?: () => number };

/** Another file under the same name (how a mounted secret changes) has another inode. */
function versionOf(path: string): string {
  const { ino, mtimeMs, size } = statSync(path);
  return `${ino}:${mtimeMs}:${size}`;
}
