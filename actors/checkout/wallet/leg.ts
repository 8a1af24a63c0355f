/**
 * The wallet as a way to pay an order, or a part of it. The order's process holds what the wallet gives, takes the rest
 * another way, and then commits or releases; each step may be repeated by whoever takes the order over.
 */
import type { Actors } from '../../clients.ts';
import { type Instant, type OrderId, type Paise, paise, type RefundId, type UserId } from '../../ids.ts';
import type { Total, WalletContract } from '../../wallet/wallet.ts';
import { Unsettled } from '../dependencies.ts';

type Wallets = Pick<Actors, 'wallet'>;
type Of = { readonly orderId: OrderId; readonly userId: UserId };

export type WalletHeld =
  /** `rest`: to be paid another way; 0 with `whole`. */
  | { readonly ok: true; readonly held: Paise; readonly of: Total; readonly rest: Paise }
  | { readonly ok: false; readonly why: WalletContract['hold']['rejection'] };

/**
 * `whole`: all of `amount`, or nothing; else as much as there is. `until`: later than the order's own deadline, as holds of
 * stock are, so that an order that is paid in the last moment still finds it.
 */
export async function holdOfWallet(
  { wallet }: Wallets,
  { orderId, userId, amount, until, whole }: Of & { amount: Paise; until: Instant; whole: boolean },
): Promise<WalletHeld> {
  // Known by the order: a hold that has run out is not answered as if it still stood.
  const told = await wallet(userId).hold({ orderId, amount, until, upTo: !whole });
  if (!told.ok) return { ok: false, why: told.rejection };
  const held = paise(told.result.own + told.result.credit);
  return { ok: true, held, of: told.result, rest: paise(amount - held) };
}

/** False: the hold had run out, and what it held was spent meanwhile. The order ends, and its other leg is refunded. */
export async function commitOfWallet({ wallet }: Wallets, { orderId, userId }: Of): Promise<boolean> {
  // With a fresh command id: what could not be taken may be there when it is tried again.
  const told = await wallet(userId).commit({ orderId });
  if (told.ok) return true;
  if (told.rejection.type === 'insufficient-funds' || told.rejection.type === 'hold-ended') return false;
  throw new Unsettled(`${orderId} holds nothing in the wallet of ${userId}: ${told.rejection.type}`);
}

/** False: it is paid, and is to be refunded. */
export async function releaseOfWallet({ wallet }: Wallets, { orderId, userId }: Of): Promise<boolean> {
  return (await wallet(userId).release({ orderId }, { commandId: `${orderId}:wallet:release` })).ok;
}

export async function refundToWallet(
  { wallet }: Wallets,
  { orderId, userId, refundId, amount }: Of & { refundId: RefundId; amount: Paise },
): Promise<Total> {
  const told = await wallet(userId).refund({ refundId, orderId, amount }, { commandId: `refund:${refundId}` });
  if (!told.ok) throw new Unsettled(`${refundId} of ${amount} paise for ${orderId}: ${told.rejection.type}`);
  return told.result;
}

/** What is left of each leg to be given back. */
export type Legs = { readonly wallet: Paise; readonly other: Paise };

/**
 * A refund by legs: what another way took goes back there first, then the wallet's. So nothing of one leg lands on the
 * other, which for a wallet is not allowed (RBI, FAQ on PPIs), and credit comes back last. Throws for more than was paid.
 */
export function splitRefund(amount: Paise, left: Legs): Legs {
  if (amount < 0 || amount > left.wallet + left.other)
    throw new RangeError(`${amount} paise of ${JSON.stringify(left)}`);
  const other = Math.min(amount, left.other);
  return { other: paise(other), wallet: paise(amount - other) };
}
