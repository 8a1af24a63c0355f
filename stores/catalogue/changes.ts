/** Products as they change: their last state as it is published on stream CATALOGUE, of which only the name is looked at. */
import type { NatsConnection } from '@nats-io/nats-core';
import type { ProductId } from '../../actors/ids.ts';
import { subjects } from '../../config/subjects.ts';

export type CatalogueListener = {
  readonly changed: (id: ProductId) => void;
  /** The connection was away: changes may have been missed. */
  readonly missed: () => void;
};

/** Returns how to end it. */
export function followCatalogue(nats: NatsConnection, { changed, missed }: CatalogueListener): () => void {
  let stopped = false;
  const subscription = nats.subscribe(subjects.product('*'), {
    callback: (error, { subject }) => {
      if (error === null) changed(subject.slice(subject.indexOf('.') + 1) as ProductId);
    },
  });
  void (async () => {
    for await (const status of nats.status()) {
      if (stopped) return;
      if (status.type === 'disconnect' || status.type === 'reconnect') missed();
    }
  })();
  return () => {
    stopped = true;
    subscription.unsubscribe();
  };
}
