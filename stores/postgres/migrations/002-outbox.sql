-- What a transaction has to say to JetStream, written by that transaction, published and deleted by the relay.
-- Rows of one subject must be in the order of their commits: lock the row that the subject stands for (the user,
-- the product) before inserting here.
create table outbox (
  id       bigint generated always as identity primary key,
  subject  text not null,
  -- `json`, not `jsonb`: published as it was written.
  payload  json not null
);

-- Wakes the relay at commit; one notice a transaction, however many rows.
create function outbox_notify() returns trigger language plpgsql as $$
begin
  perform pg_notify('outbox', '');
  return null;
end $$;

create trigger outbox_written after insert on outbox for each statement execute function outbox_notify();
