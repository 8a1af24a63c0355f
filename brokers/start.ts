/** `npm start`: everything, on this machine. */
import { type Env, EnvInvalid, inherited, loadEnv, startedByNpm } from '../config/env.ts';
import { CannotStart } from './launcher/cannot-start.ts';
import { Launcher } from './launcher/launcher.ts';
import { AlreadyRunning } from './launcher/run-file.ts';
import { Screen } from './launcher/screen.ts';
import { ServerFailed } from './launcher/servers/child.ts';
import { onStopSignal } from './launcher/stop-signal.ts';

const screen = new Screen();

const isPlain = (error: unknown): error is Error =>
  [EnvInvalid, CannotStart, AlreadyRunning, ServerFailed].some((known) => error instanceof known);

function fail(error: unknown): never {
  screen.settle();
  process.stderr.write(`\n${isPlain(error) ? error.message : error instanceof Error ? error.stack : error}\n\n`);
  process.exit(1);
}

function configuration(): Env {
  try {
    return loadEnv();
  } catch (error) {
    return fail(error);
  }
}

const env = configuration();
const launcher = new Launcher(env, inherited(), screen);

let stopping = false;
async function stop(): Promise<void> {
  stopping = true;
  screen.settle();
  screen.say('stopping: gateway first, servers last; data is kept (Ctrl-C again: at once)');
  await launcher.stop();
  screen.say('stopped');
  process.exit(0);
}
onStopSignal(
  () => void stop(),
  () => {
    screen.say('stopping at once');
    process.exit(1);
  },
);

if (startedByNpm()) {
  // A killed npm takes its terminal's Ctrl-C with it: nobody could stop us any more.
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm && !stopping) void stop();
  }, 1_000).unref();
}

try {
  await launcher.start();
} catch (error) {
  if (!stopping) {
    await launcher.stop();
    fail(error);
  }
}
