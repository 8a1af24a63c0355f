/**
 * The composition root: one node, for any set of roles, wired with plain arguments. Production, development and tests
 * start this same function.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Env } from '../config/env.ts';
import { ACTOR_KINDS, type KindName } from '../config/subjects.ts';
import { runElected } from './reactors/elected.ts';
import { startCheckout } from './roles/checkout.ts';
import { layFoundation, type NodeParts } from './roles/foundation.ts';
import { startGateway } from './roles/gateway.ts';
import { startProjecting } from './roles/projections.ts';
import { startRelaying } from './roles/relay.ts';
import { startPaymentSimulator } from './roles/simulator.ts';

export type { NodeParts } from './roles/foundation.ts';

/** What a role has started. */
export type Part = { stop(): Promise<void> };

/**
 * Sales, and offers with their quotas, are the business of those who keep the stock; wallets of those who keep payments.
 */
const HOSTED_WITH: Partial<Readonly<Record<KindName, KindName>>> = {
  sale: 'sku',
  promotion: 'sku',
  quota: 'sku',
  wallet: 'payment',
};

export const ROLES = [...ACTOR_KINDS, 'checkout', 'projections', 'relay', 'simulator', 'gateway'] as const;
export type Role = (typeof ROLES)[number];

export type NodeOptions = {
  readonly roles: readonly Role[];
  readonly env: Env;
  readonly log: Logger;
  /** Unique in the cluster and new at every start. Default: env's, or made here. */
  readonly nodeId?: string;
};

export type RunningNode = {
  readonly nodeId: string;
  /** Others take over, what is under way is finished. */
  stop(): Promise<void>;
};

/** Resolves when the node serves all its roles. Rejects with nothing left running. */
export async function startNode({ roles, env, log, nodeId = nameOf(roles, env) }: NodeOptions): Promise<RunningNode> {
  const closers: (() => Promise<void> | void)[] = [];
  const onStop: NodeParts['onStop'] = (close) => void closers.push(close);
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close();
      } catch (err) {
        // What cannot be closed must not keep the rest from being closed.
        log.warn({ event: 'node-close-failed', err });
      }
    }
  };
  const has = (role: Role): boolean => roles.includes(role);
  const hosts = (kind: KindName): boolean => has(kind) || has(HOSTED_WITH[kind] ?? kind);
  try {
    if (roles.some((role) => role !== 'simulator')) {
      const parts = await layFoundation({ env, log, nodeId, onStop, kinds: ACTOR_KINDS.filter(hosts) });
      if (has('checkout')) await startCheckout(parts);
      if (has('projections')) await projectIfElected(parts);
      if (has('relay')) stopping(await startRelaying(parts));
      if (has('gateway')) await startGateway(parts);
    }
    if (has('simulator')) stopping(await startPaymentSimulator(env, log));
    return { nodeId, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  function stopping(part: Part): void {
    onStop(() => part.stop());
  }
}

/** Two that project write no row twice, but one is enough. */
async function projectIfElected(parts: NodeParts): Promise<void> {
  const elected = await runElected({
    ...parts,
    name: 'projections',
    async begin() {
      const part = await startProjecting(parts);
      return () => part.stop();
    },
  });
  parts.onStop(() => elected.stop());
}

const nameOf = (roles: readonly Role[], { nodeId }: Env): string =>
  nodeId ?? `${roles[0] ?? 'node'}-${randomBytes(3).toString('hex')}`;
