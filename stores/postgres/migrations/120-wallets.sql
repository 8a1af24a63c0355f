-- Wallets, from their ledgers. Amounts in paise.
create table wallets (
  user_id      text primary key,
  kyc_level    text not null,
  -- Accounts of the ledger: what can be spent, and what waits for an order; own money and promotional credit.
  balance      bigint not null check (balance >= 0),
  held         bigint not null check (held >= 0),
  credit       bigint not null check (credit >= 0),
  credit_held  bigint not null check (credit_held >= 0),
  -- The other side. All seven add up to zero.
  clearing     bigint not null,
  orders       bigint not null,
  promotions   bigint not null,
  updated_at   timestamptz(3) not null,
  version      bigint not null,
  check (balance + held + credit + credit_held + clearing + orders + promotions = 0)
);

-- One row for each event that moved money.
create table wallet_entries (
  user_id        text not null,
  -- Of the event, in the wallet's history.
  version        bigint not null,
  type           text not null,
  -- The order, top-up or grant that it is about.
  reference      text not null,
  -- What the movement is about, and what it did to what can be spent.
  amount         bigint not null,
  own_change     bigint not null,
  credit_change  bigint not null,
  -- After it.
  balance        bigint not null,
  credit         bigint not null,
  -- [{account, amount}]: sums to zero.
  postings       jsonb not null,
  at             timestamptz(3) not null,
  primary key (user_id, version)
);
