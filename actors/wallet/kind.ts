import type { ActorKind } from '../runtime/kind.ts';
import { decide } from './decide.ts';
import { evolve, initial } from './evolve.ts';
import { reminders } from './expiry.ts';
import { view } from './view.ts';
import type { WalletContract, WalletEvent, WalletState, WalletView } from './wallet.ts';

export const wallet: ActorKind<'wallet', WalletContract, WalletState, WalletEvent, WalletView> = {
  name: 'wallet',
  stateVersion: 1,
  initial,
  decide,
  evolve,
  view,
  reminders,
  // Used around an order, and then not for days.
  limits: { idleMs: 30_000 },
};
