/** A server process: spawned, waited for, stopped. Knows nothing of which server it is. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type RunningServer = {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the process has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** Ends it in its own orderly way; by force after ten seconds. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
};

export class ServerFailed extends Error {
  readonly code: 'port-in-use' | 'disk-full' | 'failed';

  constructor(code: 'port-in-use' | 'disk-full' | 'failed', message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServerFailed';
    this.code = code;
  }
}

export type Account = { readonly uid: number; readonly gid: number; readonly become: readonly string[] };

/** The command line and spawn options that run `file` as `account`. */
export function runAs(account: Account | undefined, file: string, args: readonly string[]) {
  const [first = file, ...rest] = [...(account?.become ?? []), file, ...args];
  const ids = account === undefined || account.become.length > 0 ? {} : { uid: account.uid, gid: account.gid };
  return { file: first, args: rest, ids };
}

/** Servers get no more of our environment than they need. */
export const bareEnvironment = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export type ServerCommand = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly url: string;
  readonly port: number;
  readonly logFile: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whom to run as, when we are root and the server refuses to be; `become` is a command that does it instead. */
  readonly account?: Account;
  readonly stopSignal: NodeJS.Signals;
  /** True once the server answers as itself. */
  readonly ready: () => Promise<boolean>;
  readonly readyWithinMs: number;
};

let dieWithParent: readonly string[] | undefined;

/**
 * On Linux the kernel ends the server when we die, `kill -9` included, so that none is orphaned. Elsewhere the next
 * start finds it by the pid in run.json.
 */
function boundToUs(signal: NodeJS.Signals): readonly string[] {
  dieWithParent ??=
    process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0
      ? ['setpriv', '--pdeathsig']
      : [];
  return dieWithParent.length === 0 ? [] : [...dieWithParent, signal.slice('SIG'.length)];
}

/** Starts the server and waits until it is ready. Throws `ServerFailed` with the server's own last words. */
export async function startServer(command: ServerCommand): Promise<RunningServer> {
  const log = openSync(command.logFile, 'a');
  // Bound last: a change of account would undo it.
  const [bound = command.file, ...boundArgs] = [...boundToUs(command.stopSignal), command.file, ...command.args];
  const { file, args, ids } = runAs(command.account, bound, boundArgs);
  const child = spawn(file, args, {
    cwd: command.cwd,
    env: { ...bareEnvironment, ...command.env },
    stdio: ['ignore', log, log],
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we stop the servers last.
    detached: true,
    ...ids,
  });
  closeSync(log);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: -1, signal: null }));
  });
  const pid = child.pid;
  if (pid === undefined) throw new ServerFailed('failed', `${command.name}: ${command.file} could not be run`);

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const done = await Promise.race([exited, pause(10_000, undefined, { ref: false })]);
    if (done === undefined) {
      child.kill('SIGKILL');
      await exited;
    }
  };
  try {
    await untilReady(command, child, exited);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return {
    name: command.name,
    url: command.url,
    port: command.port,
    pid,
    exited,
    stop: () => end(command.stopSignal),
    kill: () => end('SIGKILL'),
  };
}

async function untilReady(command: ServerCommand, child: ChildProcess, exited: Promise<Exit>): Promise<void> {
  const deadline = Date.now() + command.readyWithinMs;
  let gone: Exit | undefined;
  void exited.then((exit) => {
    gone = exit;
  });
  while (!(await command.ready().catch(() => false))) {
    if (gone !== undefined || child.exitCode !== null) throw explain(command, `ended with ${JSON.stringify(gone)}`);
    if (Date.now() > deadline) throw explain(command, `was not ready within ${command.readyWithinMs / 1000} s`);
    await pause(15);
  }
}

/** The log's end, read for what people can do something about. */
function explain(command: ServerCommand, what: string): ServerFailed {
  const tail = readFileSync(command.logFile, 'utf8').slice(-3_000);
  if (/address already in use/i.test(tail)) {
    return new ServerFailed('port-in-use', `${command.name}: port ${command.port} is in use by another program`);
  }
  if (/no space left on device|ENOSPC|insufficient storage/i.test(tail)) {
    return new ServerFailed('disk-full', `${command.name}: the disk that holds ${command.cwd} is full`);
  }
  const lines = tail.trimEnd().split('\n').slice(-8).join('\n  ');
  return new ServerFailed('failed', `${command.name} ${what}; its log ${command.logFile} ends with:\n  ${lines}`);
}
