/** How long a system with very many actors on disk takes from `npm start` until it serves. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../case.ts';
import { signIn } from '../demo/stage.ts';
import { copies, type History, numbered } from '../seed/histories.ts';
import { startLogServer } from '../seed/log-server.ts';
import { HttpClient } from '../shop/http.ts';
import { startOwn } from '../system.ts';

export type ColdStart = {
  readonly actors: number;
  /** The nats-server alone, until it answers. */
  readonly natsSeconds: number;
  /** From the launcher's start until `GET /health/ready` says 200: an order could be placed. */
  readonly serving: readonly number[];
  /** The same with no actors on disk. */
  readonly emptySeconds: number;
  /** The first request to an actor that lies on disk, after that. */
  readonly firstReadMs: number;
};

export async function measureColdStart(
  { quick, runs, say }: Bench,
  dataDir: string,
  folder: string,
  cart: History,
): Promise<ColdStart> {
  const actors = quick ? 100_000 : 1_000_000;
  const start = async (): Promise<{ seconds: number; firstReadMs: number }> => {
    const began = performance.now();
    const system = await startOwn(dataDir, { LOG_LEVEL: 'warn' }, () => undefined);
    const seconds = (performance.now() - began) / 1000;
    const api = new HttpClient(system.api, 1);
    try {
      // Somebody whose cart is read: the first actor that is loaded.
      const token = await signIn(api, 'ops');
      const { ms, status } = await api.ask({ method: 'GET', path: '/api/cart', token });
      if (status !== 200) throw new Error(`the first read was answered ${status}`);
      return { seconds, firstReadMs: ms };
    } finally {
      api.close();
      await system.stop();
    }
  };
  // The very first start makes the database and loads the catalogue.
  await start();
  const empty = await start();
  const server = await startLogServer(join(folder, 'nats'), say);
  await copies(server.log, cart, actors, (n) => numbered('usr', n));
  await server.stop();
  say(`${actors.toLocaleString('en')} actors are on disk`);
  const began = performance.now();
  await (await startLogServer(join(folder, 'nats'), say)).stop();
  const natsSeconds = (performance.now() - began) / 1000;
  const serving: number[] = [];
  let firstReadMs = 0;
  for (let n = 1; n <= runs; n++) {
    const { seconds, firstReadMs: first } = await start();
    firstReadMs = first;
    say(`cold start, run ${n}: serving after ${seconds.toFixed(1)} s`);
    serving.push(seconds);
  }
  rmSync(folder, { recursive: true, force: true });
  return { actors, natsSeconds, serving, emptySeconds: empty.seconds, firstReadMs };
}
