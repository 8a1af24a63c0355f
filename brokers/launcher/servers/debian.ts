/**
 * Server binaries from Debian's archive without root and without touching the machine's own package state: a private
 * apt state, one suite, signed by the Debian archive keyring; packages are unpacked, not installed.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const FIRST_ANSWER_SECONDS = 20;
const WHOLE_STEP_MS = 180_000;

/** The Debian mirror that this machine uses; undefined where there is no Debian. */
export function debianMirror(etcApt = '/etc/apt'): string | undefined {
  const parts = join(etcApt, 'sources.list.d');
  const files = [
    join(etcApt, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts) : []).map((f) => join(parts, f)),
  ];
  const words = files
    .filter((file) => existsSync(file) && !file.endsWith('.save'))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => !line.trimStart().startsWith('#'))
        .flatMap((line) => line.split(/\s+/)),
    );
  return words.find((word) => /^(https?|ftp|file|mirror\+\w+):.*\/debian\/?$/.test(word));
}

/** This machine's own suite, such as `bookworm`. */
export const debianSuite = (): string | undefined =>
  existsSync('/etc/os-release')
    ? /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
    : undefined;

export type Fetch = {
  readonly suite: string;
  readonly package: string;
  /** With the libraries it needs that this machine lacks. */
  readonly withDependencies: boolean;
  /** Unpacked here, as `usr/bin/…`, `usr/lib/…`. */
  readonly into: string;
  readonly progress: (what: string) => void;
};

export async function fetchFromDebian(fetch: Fetch): Promise<void> {
  const mirror = debianMirror();
  if (mirror === undefined) throw new Error('this machine has no Debian package source');
  if (!existsSync(KEYRING)) throw new Error(`${KEYRING} is missing (package debian-archive-keyring)`);
  const state = `${fetch.into}.apt`;
  rmSync(state, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'archives/partial', 'debs'])
    mkdirSync(join(state, folder), { recursive: true });
  writeFileSync(join(state, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror} ${fetch.suite} main\n`);
  writeFileSync(join(state, 'apt.conf'), aptConfiguration(state, fetch.withDependencies));
  const apt = (...args: string[]) =>
    run('apt-get', ['-q', ...args], {
      cwd: join(state, 'debs'),
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', APT_CONFIG: join(state, 'apt.conf') },
      timeout: WHOLE_STEP_MS,
    });
  try {
    fetch.progress(`reading the package list of Debian ${fetch.suite}`);
    await apt('update');
    fetch.progress(`downloading ${fetch.package}`);
    if (fetch.withDependencies) await apt('install', '--download-only', '--no-install-recommends', '-y', fetch.package);
    else await apt('download', fetch.package);
    fetch.progress(`unpacking ${fetch.package}`);
    const unpacked = `${fetch.into}.part`;
    rmSync(unpacked, { recursive: true, force: true });
    mkdirSync(unpacked, { recursive: true });
    for (const folder of ['debs', 'archives']) {
      for (const file of readdirSync(join(state, folder)).filter((name) => name.endsWith('.deb'))) {
        await run('dpkg-deb', ['-x', join(state, folder, file), unpacked], { timeout: WHOLE_STEP_MS });
      }
    }
    rmSync(fetch.into, { recursive: true, force: true });
    // Whole or not at all: a killed download leaves no half a server.
    renameSync(unpacked, fetch.into);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

const aptConfiguration = (state: string, knowInstalled: boolean): string => `
Dir::Etc::SourceList "${state}/sources.list";
Dir::Etc::SourceParts "-";
Dir::Etc::Preferences "-";
Dir::Etc::PreferencesParts "-";
Dir::State "${state}";
Dir::State::Lists "${state}/lists";
Dir::State::status "${knowInstalled ? '/var/lib/dpkg/status' : '/dev/null'}";
Dir::State::extended_states "${state}/extended_states";
Dir::Cache "${state}";
Dir::Cache::archives "${state}/archives";
APT::Keep-Downloaded-Packages "true";
APT::Sandbox::User "";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
Debug::NoLocking "true";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "${FIRST_ANSWER_SECONDS}";
Acquire::https::Timeout "${FIRST_ANSWER_SECONDS}";
`;
