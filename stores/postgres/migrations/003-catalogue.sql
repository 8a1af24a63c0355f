create table categories (
  -- Derived from the path (whatever its case), so that writers need not look it up.
  id         text primary key,
  parent_id  text references categories,
  name       text not null,
  path       text[] not null
);

create table products (
  id            text primary key,
  seller_id     text not null,
  name          text not null,
  description   text not null,
  brand         text,
  category      text[] not null check (cardinality(category) > 0),
  -- The category and all those above it.
  category_ids  text[] not null,
  attributes    jsonb not null,
  -- For filters: lower-case name to lower-case values, of the product and its variants on sale.
  facets        jsonb not null,
  images        text[] not null,
  -- Lowest price of a variant on sale, in paise: what lists filter and sort by.
  min_price     bigint not null check (min_price > 0),
  rating_avg    numeric(3, 2) not null default 0 check (rating_avg between 0 and 5),
  rating_count  integer not null default 0 check (rating_count >= 0),
  status        text not null check (status in ('draft', 'active', 'archived')),
  version       integer not null default 1,
  created_at    timestamptz(3) not null,
  updated_at    timestamptz(3) not null,
  -- Of the imported row that this product last came from: the same row again changes nothing.
  import_fingerprint text
);

-- One index a sort order of the public lists, each ending in the id: keyset pages read only what they show.
create index products_newest on products (created_at, id) where status = 'active';
create index products_price on products (min_price, id) where status = 'active';
create index products_rating on products (rating_avg, rating_count, id) where status = 'active';
create index products_of_seller on products (seller_id, created_at, id);
create index products_brand on products (lower(brand), created_at, id) where status = 'active';
create index products_category on products using gin (category_ids);
create index products_facets on products using gin (facets jsonb_path_ops);

create table variants (
  -- Never deleted and never given to another product: stock and past orders are keyed by it.
  sku         text primary key check (sku ~ '^[A-Za-z0-9_-]{1,64}$'),
  product_id  text not null references products,
  position    integer not null,
  attributes  jsonb not null,
  mrp         bigint not null check (mrp >= price),
  price       bigint not null check (price > 0),
  -- No longer part of the product.
  retired     boolean not null default false
);
create index variants_of_product on variants (product_id, position);

-- What was loaded once and is not to be loaded again (the demo catalogue).
create table seeds (
  name     text primary key,
  done_at  timestamptz(3) not null default now()
);
