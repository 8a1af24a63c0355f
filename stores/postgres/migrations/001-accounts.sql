create table users (
  id              text primary key,
  -- As it is compared: trimmed and in lower case.
  email           text not null constraint users_email_unique unique check (email = lower(btrim(email))),
  phone           text not null constraint users_phone_unique unique check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  -- PHC string, argon2id.
  password_hash   text not null,
  first_name      text not null,
  last_name       text not null,
  role            text not null check (role in ('customer', 'seller', 'partner', 'ops', 'admin')),
  seller_id       text check ((role = 'seller') = (seller_id is not null)),
  preferences     jsonb not null default '{}',
  -- Counts the changes to the user's addresses: the version of the document on stream ACCOUNTS.
  address_version integer not null default 0,
  version         integer not null default 1,
  created_at      timestamptz(3) not null,
  updated_at      timestamptz(3) not null
);

-- One row a session, not one a token: any token of the session but the current one is a reuse.
create table sessions (
  id          uuid primary key,
  user_id     text not null references users on delete cascade,
  -- SHA-256 of the current refresh token.
  token_hash  bytea not null,
  user_agent  text,
  address     text,
  created_at  timestamptz(3) not null,
  rotated_at  timestamptz(3) not null,
  expires_at  timestamptz(3) not null,
  revoked_at  timestamptz(3)
);
create index sessions_by_user on sessions (user_id);

create table addresses (
  id          text primary key,
  user_id     text not null references users on delete cascade,
  name        text not null,
  phone       text not null,
  line1       text not null,
  line2       text,
  city        text not null,
  state       text not null,
  pincode     text not null check (pincode ~ '^[1-9][0-9]{5}$'),
  type        text not null check (type in ('home', 'work', 'other')),
  is_default  boolean not null,
  version     integer not null default 1,
  created_at  timestamptz(3) not null
);
create index addresses_by_user on addresses (user_id, created_at, id);
create unique index addresses_one_default on addresses (user_id) where is_default;
