-- 1xx are projections, made from the event streams and nothing else: `npm run rebuild` runs these files in another
-- schema and fills their tables anew. So they name no schema, and refer to nothing outside of 1xx.

-- How far a projection has come. Moves in the same transaction as the rows that it stands for.
create table projection_positions (
  projection  text primary key,
  sequence    bigint not null check (sequence >= 0),
  updated_at  timestamptz(3) not null default now()
);

create table orders (
  id               text primary key,
  user_id          text not null,
  status           text not null,
  -- Units over all lines.
  item_count       integer not null,
  -- Paise, all of them; total = items_total - discount + shipping, tax is the part included.
  items_total      bigint not null,
  discount         bigint not null,
  shipping         bigint not null,
  tax              bigint not null,
  total            bigint not null,
  refunded         bigint not null,
  payment_id       text not null,
  payment_method   text not null,
  payment_gateway  text not null,
  payment_status   text not null,
  cancel_reason    text,
  shipping_address jsonb not null,
  reserved_until   timestamptz(3) not null,
  created_at       timestamptz(3) not null,
  updated_at       timestamptz(3) not null,
  version          bigint not null
);
-- A customer's history, newest first, page by page.
create index orders_of_user on orders (user_id, created_at, id);

create table order_items (
  order_id    text not null,
  sku         text not null,
  position    integer not null,
  product_id  text not null,
  seller_id   text not null,
  name        text not null,
  quantity    integer not null check (quantity > 0),
  unit_price  bigint not null,
  status      text not null,
  primary key (order_id, sku)
);

create table payments (
  id                  text primary key,
  order_id            text not null,
  user_id             text not null,
  method              text not null,
  gateway             text not null,
  status              text not null,
  -- Paise. What was asked for, what was taken, and all that was given back.
  amount              bigint not null,
  captured            bigint not null,
  refunded            bigint not null,
  gateway_order_id    text,
  gateway_payment_id  text,
  failures            integer not null,
  captured_at         timestamptz(3),
  created_at          timestamptz(3) not null,
  updated_at          timestamptz(3) not null,
  version             bigint not null
);
create index payments_of_order on payments (order_id);

create table refunds (
  id                  text primary key,
  payment_id          text not null,
  order_id            text not null,
  gateway_payment_id  text not null,
  gateway_refund_id   text,
  amount              bigint not null,
  reason              text not null,
  status              text not null check (status in ('requested', 'processed', 'failed')),
  created_at          timestamptz(3) not null,
  updated_at          timestamptz(3) not null
);
create index refunds_of_payment on refunds (payment_id);

create table inventory (
  sku            text not null,
  warehouse_id   text not null,
  on_hand        integer not null check (on_hand >= 0),
  reserved       integer not null check (reserved between 0 and on_hand),
  reorder_point  integer not null,
  updated_at     timestamptz(3) not null,
  version        bigint not null,
  primary key (sku, warehouse_id)
);

create table inventory_reservations (
  order_id      text not null,
  sku           text not null,
  warehouse_id  text not null,
  quantity      integer not null check (quantity > 0),
  status        text not null check (status in ('held', 'committed', 'released', 'lapsed', 'restocked')),
  expires_at    timestamptz(3),
  created_at    timestamptz(3) not null,
  updated_at    timestamptz(3) not null,
  primary key (order_id, sku, warehouse_id)
);
create index inventory_reservations_held on inventory_reservations (sku, expires_at) where status = 'held';
