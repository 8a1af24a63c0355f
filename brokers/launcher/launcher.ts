/** Starts the whole system on one machine and keeps it running: servers, then Haat's own processes. */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Env, localPort } from '../../config/env.ts';
import type { Role } from '../node.ts';
import { announceDead } from './disconnect.ts';
import { type RunningNode, startNodeProcess } from './node-process.ts';
import { checkFolder, checkPort, checkReachable, sweep } from './preflight.ts';
import { prepareDatabase } from './prepare.ts';
import { claim, type Run, record, release } from './run-file.ts';
import type { Place, Screen } from './screen.ts';
import { ownServers, type ServerUrls } from './servers/own.ts';
import { type Running, Supervised } from './supervised.ts';

const LOG_KEPT_BYTES = 20 * 1024 * 1024;

type Child = { readonly name: string; readonly roles: readonly Role[] };

const ACTORS = [
  'cart',
  'sku',
  'order',
  'payment',
  'checkout',
  'projections',
  'relay',
] as const satisfies readonly Role[];

/**
 * In the order in which they are stopped; who hosts actors leaves last, others still ask it. Together, a request meets
 * its actors without a hop; apart, HTTP and actors have a core each and fail alone.
 */
function childrenOf(env: Env): readonly Child[] {
  const simulator: readonly Child[] = startsSimulator(env) ? [{ name: 'simulator', roles: ['simulator'] }] : [];
  if (env.layout === 'apart') {
    return [{ name: 'gateway', roles: ['gateway'] }, ...simulator, ...several(env, 'actors', ACTORS)];
  }
  return [...simulator, ...several(env, 'node', [...ACTORS, 'gateway'])];
}

const several = ({ nodes }: Env, name: string, roles: readonly Role[]): readonly Child[] =>
  Array.from({ length: nodes }, (_, n) => ({ name: nodes === 1 ? name : `${name}-${n + 1}`, roles }));

const startsSimulator = (env: Env): boolean =>
  env.razorpay.simulated && localPort(env.simulatorUrl) === env.simulatorPort;

type Stoppable = { stop(): Promise<void> };

export class Launcher {
  readonly #env: Env;
  readonly #variables: NodeJS.ProcessEnv;
  readonly #screen: Screen;
  readonly #servers: Stoppable[] = [];
  readonly #nodes: Stoppable[] = [];
  readonly #places = new Map<string, Place>();
  #stopping = false;
  #claimed = false;

  /** `variables`: the environment that Haat's processes get, completed with where the servers are. */
  constructor(env: Env, variables: NodeJS.ProcessEnv, screen: Screen) {
    this.#env = env;
    this.#variables = variables;
    this.#screen = screen;
  }

  /** Resolves when an order can be placed. Throws with a message for people; then nothing runs any more. */
  async start(): Promise<void> {
    const began = Date.now();
    const { dataDir, host, port, simulatorPort } = this.#env;
    checkFolder(dataDir);
    const before = claim(dataDir);
    this.#claimed = true;
    const swept = await sweep(dataDir);
    if (swept > 0) this.#screen.say(`ended ${swept} processes that a killed run had left behind`);
    await checkPort('PORT', port, host);
    if (startsSimulator(this.#env)) await checkPort('SIMULATOR_PORT', simulatorPort, host);

    this.#screen.begin();
    const { urls, ports } = await this.#startServers(before);
    const run = { port, simulatorPort, ports, servers: { ...urls, SIMULATOR_URL: this.#env.simulatorUrl } };
    record(dataDir, run);
    this.#screen.step('schema', 'bringing the database up to date');
    this.#screen.done('schema', await prepareDatabase(urls.DATABASE_URL, this.#env));
    await this.#startNodes(urls);
    this.#screen.settle();
    this.#show((Date.now() - began) / 1000);
  }

  /** Gateway first, servers last; data stays. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const node of this.#nodes) await node.stop();
    await Promise.all(this.#servers.map((server) => server.stop()));
    if (this.#claimed) release(this.#env.dataDir);
  }

  async #startServers(before: Run | undefined): Promise<{ urls: ServerUrls; ports: Record<string, number> }> {
    const { natsUrl, databaseUrl, redisUrl } = this.#env;
    const configured = { NATS_URL: natsUrl, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
    const ports: Record<string, number> = {};
    const start = async (server: ReturnType<typeof ownServers>[number]): Promise<string> => {
      const url = configured[server.variable];
      if (url !== undefined) {
        this.#screen.step(server.name, 'looking for the configured server');
        await checkReachable(server.variable, url);
        this.#place(server.name, undefined, withoutPassword(url));
        this.#screen.done(server.name, withoutPassword(url));
        return url;
      }
      const say = (text: string): void => this.#screen.step(server.name, text);
      const launch = await server.prepare(say, before?.ports[server.name]);
      say('starting');
      const running = await this.#supervise(this.#servers, server.name, launch, ({ pid, url: at }) =>
        this.#place(server.name, pid, withoutPassword(at)),
      );
      ports[server.name] = running.port;
      this.#screen.done(server.name, withoutPassword(running.url));
      return running.url;
    };
    // Servers that somebody else runs are looked at once, however many we would have started.
    const wanted = ownServers(this.#env).filter(
      ({ variable }, n, all) =>
        configured[variable] === undefined || all.findIndex((other) => other.variable === variable) === n,
    );
    const started = await Promise.allSettled(
      wanted.map((server) =>
        start(server).catch((error: unknown) => {
          this.#screen.failed(server.name);
          throw error;
        }),
      ),
    );
    const urls = started.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    const urlOf = (variable: keyof ServerUrls): string =>
      urls.filter((_, n) => wanted[n]?.variable === variable).join(',');
    return {
      urls: { NATS_URL: urlOf('NATS_URL'), DATABASE_URL: urlOf('DATABASE_URL'), REDIS_URL: urlOf('REDIS_URL') },
      ports,
    };
  }

  async #startNodes(urls: ServerUrls): Promise<void> {
    const { dataDir } = this.#env;
    const env = { ...this.#variables, ...urls, DATA_DIR: dataDir };
    const logs = join(dataDir, 'logs');
    mkdirSync(logs, { recursive: true });
    const where = (roles: readonly Role[]): string => {
      if (roles.includes('simulator')) return this.#env.simulatorUrl;
      return [
        ...(roles.includes('gateway') ? [`http://localhost:${this.#env.port}`] : []),
        roles.filter((role) => role !== 'gateway').join(', '),
      ]
        .filter((part) => part !== '')
        .join(' · ');
    };
    await Promise.all(
      childrenOf(this.#env).map(async ({ name, roles }) => {
        const logFile = join(logs, `${name}.log`);
        if (existsSync(logFile) && statSync(logFile).size > LOG_KEPT_BYTES) renameSync(logFile, `${logFile}.1`);
        this.#screen.step(name, 'starting');
        const launch = (): Promise<RunningNode> => startNodeProcess({ name, roles, dataDir, logFile, env });
        const at = where(roles);
        try {
          await this.#supervise(
            this.#nodes,
            name,
            launch,
            ({ pid }) => this.#place(name, pid, at),
            async (was) => {
              await announceDead(urls.NATS_URL, was.nodeId);
            },
          );
        } catch (error) {
          this.#screen.failed(name);
          throw error;
        }
        this.#screen.done(name, at);
      }),
    );
  }

  async #supervise<R extends Running>(
    list: Stoppable[],
    name: string,
    launch: () => Promise<R>,
    isUp: (running: R) => void,
    isDown?: (was: R) => Promise<void>,
  ): Promise<R> {
    const supervised = new Supervised<R>(launch, {
      down: (was, why, retryInMs) => {
        this.#screen.say(`${name} ended (${why}); starting it again in ${retryInMs} ms`);
        // The others would notice anyway, later.
        isDown?.(was).catch(() => undefined);
      },
      up: (running) => {
        isUp(running);
        this.#screen.say(`${name} is back, pid ${running.pid}`);
      },
      failed: (error, retryInMs) =>
        this.#screen.say(`${name}: ${error instanceof Error ? error.message : error}\n  again in ${retryInMs} ms`),
    });
    list.push(supervised);
    const running = await supervised.start();
    isUp(running);
    return running;
  }

  #place(name: string, pid: number | undefined, where: string): void {
    this.#places.set(name, { name, pid, where });
  }

  #show(seconds: number): void {
    const { port, dataDir, production, simulatorUrl } = this.#env;
    const gateway = `http://localhost:${port}`;
    this.#screen.table(
      `Haat is ready (${seconds.toFixed(1)} s)`,
      [
        ['shop API', gateway],
        ['its pages', `${gateway}/docs`],
        ...(startsSimulator(this.#env) ? [['payments', `${simulatorUrl} (simulator)`] as const] : []),
        ...(production ? [] : [['accounts', 'customer@, seller@, ops@, admin@haat.example · demo-password'] as const]),
        ['data, logs', `${dataDir}, ${join(dataDir, 'logs')}`],
        ['next', 'npm run demo, in another terminal · Ctrl-C stops, data is kept'],
      ],
      [...this.#places.values()],
    );
  }
}

const withoutPassword = (url: string): string => url.replace(/\/\/([^:/@]+):[^@]*@/, '//$1@');
