/** Commands of the operating system that mount, and cut. */
import { execFile } from 'node:child_process';
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

export const isRoot = (): boolean => process.getuid?.() === 0;
