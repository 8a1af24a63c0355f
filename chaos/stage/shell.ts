/** Commands of the operating system that mount, and cut. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Its output, trimmed. Rejects with what it said. */
export async function shell(file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(file, args, { timeout: 20_000 });
  return stdout.trim();
}

export const works = (file: string, ...args: readonly string[]): Promise<boolean> =>
  shell(file, ...args).then(
    () => true,
    () => false,
  );

/** Why it cannot be done on this machine: it is tried once. Undefined: it can. */
export async function whyNot(what: string, trial: () => Promise<void>): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return `${what}, by root only`;
  try {
    await trial();
    return undefined;
  } catch (error) {
    return `${what}; here: ${error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : error}`;
  }
}

/** An empty folder, as long as `use` takes. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haat-chaos-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
