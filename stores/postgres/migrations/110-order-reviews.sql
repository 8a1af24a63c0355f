-- Orders that people look at before they are sent.
create table order_reviews (
  order_id    text primary key,
  user_id     text not null,
  -- `closed`: the order ended otherwise.
  status      text not null check (status in ('open', 'cleared', 'closed')),
  score       integer not null,
  -- [{rule, points, seen, over}], the weightiest first.
  reasons     jsonb not null,
  total       bigint not null,
  opened_at   timestamptz(3) not null,
  cleared_by  text,
  cleared_at  timestamptz(3),
  note        text
);
create index order_reviews_open on order_reviews (opened_at, order_id) where status = 'open';
