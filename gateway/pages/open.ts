/** Pages of one gateway, assembled. */
import type { GatewayDeps } from '../deps.ts';
import type { Metrics } from '../operations/metrics.ts';
import { type KeptCatalogue, keepCatalogue } from './kept-catalogue.ts';
import { sharePages } from './shared-pages.ts';

type Deps = Pick<GatewayDeps, 'catalogue' | 'catalogueChanges' | 'redis' | 'settings'>;

export function openPages({ catalogue, catalogueChanges, redis, settings }: Deps, metrics: Metrics): KeptCatalogue {
  if (settings.keepPages === false) return { ...catalogue, stop: () => undefined };
  return keepCatalogue(catalogue, {
    ...(catalogueChanges === undefined ? {} : { changes: catalogueChanges }),
    ...(redis === undefined ? {} : { shared: sharePages(redis) }),
    onResult: metrics.kept,
  });
}
