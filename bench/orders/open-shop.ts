/** A system of its own with stock that will not run out and customers who are signed in: what order cases begin with. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { lastRun } from '../../brokers/launcher/run-file.ts';
import { side } from '../demo/sale.ts';
import { goodsOnSale, signIn } from '../demo/stage.ts';
import { newCustomers } from '../load/customers.ts';
import { HttpClient } from '../shop/http.ts';
import type { Shopper } from '../shop/shopper.ts';
import { type System, startOwn } from '../system.ts';
import { Buyer } from './buyer.ts';
import { Confirmations } from './confirmations.ts';

export type OpenShop = {
  readonly system: System;
  /** The launcher: everything of the system is below it. */
  readonly pid: number;
  readonly nc: NatsConnection;
  readonly database: Client;
  readonly skus: readonly string[];
  readonly shoppers: readonly Shopper[];
  readonly buyers: readonly Buyer[];
  readonly confirmations: Confirmations;
  close(): Promise<void>;
};

export type OpenShopOptions = {
  readonly dataDir: string;
  readonly customers: number;
  readonly variables?: Readonly<Record<string, string>>;
};

const SKUS = 200;
const UNITS = 1_000_000;
const PATIENCE_MS = 20_000;

export async function openShop(options: OpenShopOptions, say: (text: string) => void): Promise<OpenShop> {
  const { dataDir, customers, variables } = options;
  const settings = { RATE_LIMIT_FACTOR: '1000000', LOG_LEVEL: 'warn', ...variables };
  const system = await startOwn(dataDir, settings, say);
  const closers: (() => Promise<void> | void)[] = [() => system.stop()];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const api = new HttpClient(system.api, 64);
    closers.push(() => api.close());
    const nc = await connect({ servers: system.natsUrl.split(','), name: 'haat-bench' });
    closers.push(() => nc.close());
    const database = new Client({ connectionString: system.databaseUrl });
    await database.connect();
    closers.push(() => database.end());
    const skus = await stocked(api);
    const shoppers = await newCustomers(nc, system.dataDir, customers);
    const buyers = shoppers.map((shopper) => new Buyer(system.api, system.simulator, shopper));
    closers.push(() => {
      for (const buyer of buyers) buyer.close();
    });
    const confirmations = await Confirmations.follow(nc);
    closers.push(() => confirmations.stop());
    say(`${customers} customers, ${skus.length} SKUs with ${UNITS.toLocaleString('en')} units each`);
    const pid = lastRun(system.dataDir)?.pid ?? 0;
    return { system, pid, nc, database, skus, shoppers, buyers, confirmations, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function stocked(api: HttpClient): Promise<readonly string[]> {
  const ops = await signIn(api, 'ops');
  const skus = (await goodsOnSale(api, SKUS)).slice(0, SKUS).map(({ sku }) => sku);
  await side(skus, 16, async (sku) => {
    const path = `/api/inventory/${sku}/wh_del`;
    const answer = await api.patiently({ method: 'PUT', path, token: ops, body: { onHand: UNITS } }, PATIENCE_MS);
    if (answer.status !== 200) throw new Error(`PUT ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  });
  return skus;
}
