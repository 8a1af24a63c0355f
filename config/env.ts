/** The only reader of the environment. What each variable means to people: docs/operations.md. */
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { type PayLaterEnv, type PayuEnv, paymentProblems, paymentSettings } from './payment-settings.ts';
import { keptSecrets } from './secrets.ts';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '..');

type Variables = Readonly<Record<string, string | undefined>>;

const port = z.coerce.number().int().min(1).max(65_535);
const url = (...protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (text) =>
        protocols.some((protocol) => text.startsWith(`${protocol}://`)) && URL.canParse(text.split(',')[0] ?? ''),
      {
        error: `not a URL that starts with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
      },
    );
const secret = z.string().min(16, 'shorter than 16 characters');
const folder = z.string().transform((path) => (isAbsolute(path) ? path : join(ROOT, path)));

const variables = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATA_DIR: folder.default(join(ROOT, '.haat')),
  /** Fetched server programs; one place for all data folders of a checkout. */
  BIN_DIR: folder.default(join(ROOT, '.haat', 'bin')),
  PATH: z.string().default(''),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  SIMULATOR_PORT: port.optional(),
  SIMULATOR_URL: url('http', 'https').optional(),
  GATEWAY_URL: url('http', 'https').optional(),
  NODE_ID: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _ only')
    .optional(),
  /** Several servers of one cluster: separated by commas. */
  NATS_URL: url('nats', 'tls').optional(),
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  REDIS_URL: url('redis', 'rediss').optional(),
  TYPESENSE_URL: url('http', 'https').optional(),
  TYPESENSE_API_KEY: z.string().optional(),
  NODES: z.coerce.number().int().min(1).max(64).default(1),
  LAYOUT: z.enum(['together', 'apart']).default('together'),
  STREAM_REPLICAS: z.coerce
    .number()
    .pipe(z.union([z.literal(1), z.literal(3), z.literal(5)], 'must be 1, 3 or 5'))
    .default(1),
  /** Of own NATS servers. */
  NATS_SYNC_INTERVAL: z
    .string()
    .regex(/^(always|[1-9]\d{0,5}(ms|s|m))$/, '`always`, or a time such as 100ms, 5s or 2m')
    .default('2m'),
  RESERVATION_SECONDS: z.coerce.number().int().min(1).max(86_400).default(600),
  RATE_LIMIT_FACTOR: z.coerce.number().positive().default(1),
  /** Admissions a second of the whole cluster: into the shop, and into each flash sale; 0: no waiting room. */
  WAITING_ROOM_RATE: z.coerce.number().int().min(0).max(1_000_000).default(10_000),
  WAITING_ROOM_SALE_RATE: z.coerce.number().int().min(0).max(1_000_000).default(10_000),
  WAITING_ROOM_STREAMS: z.coerce.number().int().min(1).max(1_000_000).default(120_000),
  /** Separated by commas: the first signs, all are believed. */
  WAITING_ROOM_SECRETS: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(secret).min(1))
    .optional(),
  SHEDDING: z.enum(['on', 'off']).default('on'),
  PAGES: z.enum(['kept', 'read']).default('kept'),
  /** Addresses or ranges, separated by commas, or `loopback`. */
  TRUST_PROXY: z.string().optional(),
  JWT_SECRET: secret.optional(),
  RAZORPAY_KEY_ID: z.string().min(1).optional(),
  RAZORPAY_KEY_SECRET: z.string().min(1).optional(),
  /** Several, separated by commas: the first signs, all are believed. */
  RAZORPAY_WEBHOOK_SECRET: z.string().min(1).optional(),
  /** A file with the same, read again when it changes: a secret is changed without a restart. */
  RAZORPAY_WEBHOOK_SECRET_FILE: folder.optional(),
  /** What gateways are told where a customer's own is not known. */
  SHOP_EMAIL: z.email().default('payments@haat.example'),
  SHOP_PHONE: z
    .string()
    .regex(/^[6-9]\d{9}$/, 'ten digits, the first 6 to 9')
    .default('8000000000'),
  PAYU_KEY: z.string().min(1).optional(),
  /** As with Razorpay's webhook secret: several, or a file of them. PayU signs with the one that it has. */
  PAYU_SALT: z.string().min(1).optional(),
  PAYU_SALT_FILE: folder.optional(),
  /** The lender's API. */
  PAY_LATER_URL: url('http', 'https').optional(),
  PAY_LATER_CLIENT_SECRET: z.string().min(1).optional(),
  PAY_LATER_WEBHOOK_SECRET: z.string().min(1).optional(),
  PAY_LATER_WEBHOOK_SECRET_FILE: folder.optional(),
});

export type Env = {
  readonly production: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly dataDir: string;
  readonly binDir: string;
  /** Where programs are looked for. */
  readonly path: string;
  /** The address that the gateway and the simulator listen on. */
  readonly host: string;
  readonly port: number;
  readonly simulatorPort: number;
  readonly simulatorUrl: string;
  /** Where the simulator sends its webhooks. */
  readonly gatewayUrl: string;
  readonly nodeId: string | undefined;
  readonly natsUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly typesense: { readonly url: string; readonly apiKey: string } | undefined;
  /** Of the launcher: how many nodes it starts, and whether each does everything or HTTP has a process of its own. */
  readonly nodes: number;
  readonly layout: 'together' | 'apart';
  readonly streamReplicas: 1 | 3 | 5;
  /** How long an acknowledged write may be in the page cache only; `always`: fsync before the ack. */
  readonly natsSyncInterval: string;
  readonly reservationSeconds: number;
  readonly rateLimitFactor: number;
  readonly waitingRoom: {
    readonly siteRate: number;
    readonly saleRate: number;
    readonly streams: number;
    readonly secrets: readonly [string, ...string[]];
  };
  /** Whether the gateway refuses what is too much. */
  readonly shedding: boolean;
  /** Whether products and lists are kept in memory, or read for every request: for comparison. */
  readonly keepPages: boolean;
  /**
   * Proxies whose X-Forwarded-For is believed. On one machine that is the machine itself, so that load from it can speak
   * for many addresses; in production nobody, unless said.
   */
  readonly trustProxy: readonly string[];
  readonly jwtSecret: string;
  readonly razorpay: {
    readonly keyId: string;
    readonly keySecret: string;
    readonly webhookSecret: string;
    /** Instead of `webhookSecret`, and changed while it runs. */
    readonly webhookSecretFile: string | undefined;
    /** True: it is the simulator at `simulatorUrl` that is spoken to, not Razorpay. */
    readonly simulated: boolean;
  };
  readonly shopEmail: string;
  readonly shopPhone: string;
  /** undefined: not offered. */
  readonly payu: PayuEnv | undefined;
  readonly payLater: PayLaterEnv | undefined;
  /** Of the PostgreSQL that the launcher starts itself. */
  readonly postgresPassword: string;
};

export class EnvInvalid extends Error {
  constructor(problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'EnvInvalid';
  }
}

/**
 * The configuration; `overrides` win over the environment. Secrets that are not set are made once and kept in
 * `DATA_DIR/secrets.json`; in production they must be set. Throws `EnvInvalid`, naming every variable that is wrong.
 */
export function loadEnv(overrides: Variables = {}): Env {
  return readEnv({ ...process.env, ...overrides });
}

/** `loadEnv` of exactly these variables. */
export function readEnv(source: Variables): Env {
  // An empty variable is one that is not set: `PORT= npm start`, compose files.
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    throw new EnvInvalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const v = parsed.data;
  const problems: string[] = [];
  if ((v.RAZORPAY_KEY_ID === undefined) !== (v.RAZORPAY_KEY_SECRET === undefined)) {
    problems.push('RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET: set both or neither');
  }
  if ((v.TYPESENSE_URL === undefined) !== (v.TYPESENSE_API_KEY === undefined)) {
    problems.push('TYPESENSE_URL and TYPESENSE_API_KEY: set both or neither');
  }
  const production = v.NODE_ENV === 'production';
  if (v.RAZORPAY_WEBHOOK_SECRET !== undefined && v.RAZORPAY_WEBHOOK_SECRET_FILE !== undefined) {
    problems.push('RAZORPAY_WEBHOOK_SECRET and RAZORPAY_WEBHOOK_SECRET_FILE: set one of them');
  }
  problems.push(...paymentProblems(v));
  const webhookSecret = v.RAZORPAY_WEBHOOK_SECRET_FILE === undefined ? (['RAZORPAY_WEBHOOK_SECRET'] as const) : [];
  const required = ['JWT_SECRET', 'RAZORPAY_KEY_ID', 'RAZORPAY_KEY_SECRET', ...webhookSecret] as const;
  if (production) {
    problems.push(
      ...required.filter((name) => v[name] === undefined).map((name) => `${name}: must be set in production`),
    );
  }
  if (problems.length > 0) throw new EnvInvalid(problems);

  const simulatorPort = v.SIMULATOR_PORT ?? localPort(v.SIMULATOR_URL) ?? 4010;
  let kept: ReturnType<typeof keptSecrets> | undefined;
  const secrets = () => (kept ??= keptSecrets(v.DATA_DIR));
  const jwtSecret = (): string => v.JWT_SECRET ?? secrets().jwtSecret;
  const simulatorUrl = v.SIMULATOR_URL ?? `http://localhost:${simulatorPort}`;
  return {
    production,
    logLevel: v.LOG_LEVEL,
    dataDir: v.DATA_DIR,
    binDir: v.BIN_DIR,
    path: v.PATH,
    host: v.HOST,
    port: v.PORT,
    simulatorPort,
    simulatorUrl,
    gatewayUrl: v.GATEWAY_URL ?? `http://localhost:${v.PORT}`,
    nodeId: v.NODE_ID,
    natsUrl: v.NATS_URL,
    databaseUrl: v.DATABASE_URL,
    redisUrl: v.REDIS_URL,
    typesense:
      v.TYPESENSE_URL === undefined || v.TYPESENSE_API_KEY === undefined
        ? undefined
        : { url: v.TYPESENSE_URL, apiKey: v.TYPESENSE_API_KEY },
    nodes: v.NODES,
    layout: v.LAYOUT,
    streamReplicas: v.STREAM_REPLICAS,
    natsSyncInterval: v.NATS_SYNC_INTERVAL,
    reservationSeconds: v.RESERVATION_SECONDS,
    rateLimitFactor: v.RATE_LIMIT_FACTOR,
    waitingRoom: {
      siteRate: v.WAITING_ROOM_RATE,
      saleRate: v.WAITING_ROOM_SALE_RATE,
      streams: v.WAITING_ROOM_STREAMS,
      secrets: firstAndRest(v.WAITING_ROOM_SECRETS ?? []) ?? [jwtSecret()],
    },
    shedding: v.SHEDDING === 'on',
    keepPages: v.PAGES === 'kept',
    trustProxy: (v.TRUST_PROXY ?? (production ? '' : 'loopback')).split(',').filter((proxy) => proxy !== ''),
    jwtSecret: jwtSecret(),
    razorpay: {
      keyId: v.RAZORPAY_KEY_ID ?? secrets().razorpayKeyId,
      keySecret: v.RAZORPAY_KEY_SECRET ?? secrets().razorpayKeySecret,
      webhookSecret:
        v.RAZORPAY_WEBHOOK_SECRET ?? (v.RAZORPAY_WEBHOOK_SECRET_FILE ? '' : secrets().razorpayWebhookSecret),
      webhookSecretFile: v.RAZORPAY_WEBHOOK_SECRET_FILE,
      simulated: v.RAZORPAY_KEY_ID === undefined || v.SIMULATOR_URL !== undefined,
    },
    shopEmail: v.SHOP_EMAIL,
    shopPhone: v.SHOP_PHONE,
    ...paymentSettings(v, { production, simulatorUrl, secrets }),
    postgresPassword: production ? '' : secrets().postgresPassword,
  };
}

function firstAndRest<T>([first, ...rest]: readonly T[]): readonly [T, ...T[]] | undefined {
  return first === undefined ? undefined : [first, ...rest];
}

/** The port, if the URL names this machine: then the simulator there is ours to start. */
export function localPort(address: string | undefined): number | undefined {
  if (address === undefined) return undefined;
  const { hostname, port: explicit, protocol } = new URL(address);
  if (!['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return undefined;
  return explicit === '' ? (protocol === 'https:' ? 443 : 80) : Number(explicit);
}

/** Folders and PATH alone: for what must not make secrets. */
export function folders(): { readonly dataDir: string; readonly bin: string; readonly path: string } {
  const wanted = variables.pick({ DATA_DIR: true, BIN_DIR: true, PATH: true });
  const { DATA_DIR, BIN_DIR, PATH } = wanted.parse(process.env);
  return { dataDir: DATA_DIR, bin: BIN_DIR, path: PATH };
}

/** The environment as it is, for child processes that read it by `loadEnv` themselves. */
export const inherited = (): NodeJS.ProcessEnv => ({ ...process.env });

/** True in the process of an npm script. */
export const startedByNpm = (): boolean => process.env['npm_lifecycle_event'] !== undefined;
