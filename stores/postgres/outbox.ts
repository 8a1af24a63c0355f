/** Says something to JetStream in the same transaction as the change that it is about. The relay publishes it. */
import type { Queryable } from './pool.ts';

export type OutboxMessage = { readonly subject: string; readonly payload: object };

/** Lock the row that a subject stands for first: a subject's messages must be in the order of their commits. */
export async function writeOutbox(client: Queryable, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await client.query(
    'insert into outbox (subject, payload) select s, p::json from unnest($1::text[], $2::text[]) with ordinality as m (s, p, n) order by n',
    [messages.map((each) => each.subject), messages.map((each) => JSON.stringify(each.payload))],
  );
}
