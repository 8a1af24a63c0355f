/** A row update that checks, and the insert of the hold, in one transaction that is one statement: one round trip. */
import { Pool } from 'pg';
import { findPostgres } from '../../brokers/launcher/servers/binaries.ts';
import { startPostgres } from '../../brokers/launcher/servers/postgres.ts';
import { HOLD_MS, type Seller } from './seller.ts';

const SCHEMA = `
create table stock (sku text primary key, available bigint not null check (available >= 0));
create table holds (order_id text primary key, sku text not null, quantity int not null, expires_at timestamptz not null);
`;
const GRANT = `
with taken as (update stock set available = available - 1 where sku = $1 and available >= 1 returning sku)
insert into holds (order_id, sku, quantity, expires_at) select $2, sku, 1, $3 from taken
`;
/** More wait for the same row's lock and are slower together. */
const CONNECTIONS = 16;

export async function postgres(dir: string): Promise<Seller> {
  const server = await startPostgres({ bin: findPostgres(), dir, password: 'bench-only' });
  const pool = new Pool({ connectionString: server.url, max: CONNECTIONS });
  // At the end the server closes what the pool has let go.
  pool.on('error', () => undefined);
  await pool.query(SCHEMA);
  return {
    key: 'postgres',
    name: 'PostgreSQL, row update + insert',
    survives: 'kill -9, power cut',
    serverPid: server.pid,
    stock: async (sku, units) => void (await pool.query('insert into stock values ($1, $2)', [sku, units])),
    async grant(sku, orderId) {
      const values = [sku, orderId, new Date(Date.now() + HOLD_MS)];
      const { rowCount } = await pool.query({ name: 'grant', text: GRANT, values });
      if (rowCount !== 1) throw new Error('not granted');
    },
    async granted(sku) {
      const { rows } = await pool.query<{ n: string }>('select count(*) as n from holds where sku = $1', [sku]);
      return Number(rows[0]?.n);
    },
    async close() {
      await pool.end();
      await server.stop();
    },
  };
}
