/**
 * Passwords: argon2id (RFC 9106) from node:crypto, stored as PHC strings.
 *
 * Parameters: m = 7 MiB, t = 5, p = 1, one of the settings that OWASP's Password Storage Cheat Sheet lists as of
 * equal strength; of those it costs least CPU here (17 ms against 24 ms for m = 19 MiB, t = 2) and least memory.
 * A stored hash of other parameters still verifies, and says that it wants to be made again.
 *
 * Hashing runs on libuv's threads, which files and DNS use too. At most `concurrency` hashes run and `queue` wait;
 * beyond that `PasswordsBusy`, so that a burst of logins is refused early rather than served late.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

type Parameters = { readonly memory: number; readonly passes: number; readonly parallelism: number };
const CURRENT: Parameters = { memory: 7_168, passes: 5, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** The machine is busy hashing. Ask again. */
export class PasswordsBusy extends Error {
  readonly code = 'passwords-busy';
  readonly retryable = true;
  constructor() {
    super('too many passwords are waiting to be hashed');
    this.name = 'PasswordsBusy';
  }
}

export type Passwords = {
  /** Throws PasswordsBusy. */
  hash(password: string): Promise<string>;
  /** `stored` undefined: there is no such user; takes as long and is always wrong. Throws PasswordsBusy. */
  verify(password: string, stored: string | undefined): Promise<'right' | 'right-but-outdated' | 'wrong'>;
};

export function createPasswords({ concurrency = 2, queue = 200 } = {}): Passwords {
  const limited = bounded(concurrency, queue);
  /** Nobody's: random bytes in the place of a hash, so that no password matches. */
  const nobody = format(CURRENT, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));

  const run = (password: string, salt: Buffer, tagLength: number, parameters: Parameters): Promise<Buffer> =>
    // Normalised: the same letters typed on another system may arrive composed differently.
    limited(() => derive('argon2id', { message: password.normalize('NFC'), nonce: salt, tagLength, ...parameters }));

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return format(CURRENT, salt, await run(password, salt, HASH_BYTES, CURRENT));
    },
    async verify(password, stored) {
      const known = parse(stored ?? nobody);
      const hash = await run(password, known.salt, known.hash.length, known.parameters);
      if (!timingSafeEqual(hash, known.hash) || stored === undefined) return 'wrong';
      return format(CURRENT, known.salt, known.hash) === stored ? 'right' : 'right-but-outdated';
    },
  };
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

const format = ({ memory, passes, parallelism }: Parameters, salt: Buffer, hash: Buffer): string =>
  `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(hash)}`;

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parse(phc: string): { parameters: Parameters; salt: Buffer; hash: Buffer } {
  const [, memory, passes, parallelism, salt, hash] = PHC.exec(phc) ?? [];
  if (salt === undefined || hash === undefined) throw new Error('stored password hash is not an argon2id PHC string');
  return {
    parameters: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** Runs at most `concurrency` works at once, keeps at most `queue` waiting, in order. */
function bounded(concurrency: number, queue: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < concurrency) running += 1;
    else if (waiting.length >= queue) throw new PasswordsBusy();
    // The place of the one that ends is handed over, so `running` stays as it is.
    else await new Promise<void>((start) => waiting.push(start));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
