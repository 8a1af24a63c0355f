/** From the stream into a gateway's memory, on a real server. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { paise } from '../../actors/ids.ts';
import type { OfferTerms } from '../../actors/pricing/offers/offer.ts';
import { promotion } from '../../actors/promotion/kind.ts';
import { idOfCode, type PromotionContract } from '../../actors/promotion/promotion.ts';
import { createActorHost } from '../../actors/runtime/host.ts';
import { eventually, freshNats } from '../../brokers/launcher/test-servers.ts';
import { reconcileStreams } from '../../config/nats/reconcile.ts';
import { historyStream } from '../../config/streams.ts';
import { LivePromotions } from '../../gateway/promotions/live-promotions.ts';
import { connectNats } from '../nats/connection.ts';
import { createJetStreamEventLog } from '../nats/jetstream-event-log.ts';
import { followPromotions } from './promotions-feed.ts';

const log = pino({ level: 'silent' });
const NOW = Date.now();
const HOUR = 3_600_000;
const terms = (more: Partial<OfferTerms> = {}): OfferTerms => ({
  title: 'Fifty off',
  benefit: { type: 'flat', amount: paise(50_00) },
  scope: {},
  stacking: { type: 'stackable' },
  priority: 0,
  startsAt: NOW - HOUR,
  endsAt: NOW + HOUR,
  fundedBy: 'platform',
  ...more,
});
const limits = { uses: null, budget: null, perCustomer: null };

test('what was declared before is known at once, what happens later as it happens', async () => {
  await using server = await freshNats();
  const nc = await connectNats(server.url, { name: 'test', log });
  const eventLog = createJetStreamEventLog(nc);
  await reconcileStreams(nc, { replicas: 1, log, streams: [historyStream('promotion')], consumers: [] });
  const host = createActorHost({ log: eventLog, kinds: [promotion], owns: () => true, logger: log });
  let commands = 0;
  const tell = async <K extends keyof PromotionContract & string>(
    id: string,
    type: K,
    input: PromotionContract[K]['input'],
  ) => {
    const deadline = Date.now() + 5_000;
    const reply = await host.command({ kind: 'promotion', id, type, input, commandId: `c${++commands}`, deadline });
    expect(reply).toMatchObject({ ok: true });
  };
  const coupon = idOfCode('SAVE50');
  await tell(coupon, 'declare', { terms: terms({ code: 'SAVE50' }), limits: { ...limits, uses: 100 } });
  await tell('prm_1', 'declare', { terms: terms(), limits });
  await tell('prm_1', 'pause', {});
  await tell('prm_2', 'declare', { terms: terms({ startsAt: NOW + HOUR / 2 }), limits });

  const promotions = new LivePromotions();
  const feed = await followPromotions({ nc, eventLog, log, onPromotion: (...of) => promotions.take(...of) });
  const idsFor = (codes: readonly string[], at = NOW) => promotions.offersFor(codes, at).offers.map(({ id }) => id);
  expect(
    promotions
      .all()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['prm_1', 'prm_2', coupon].sort());
  expect(idsFor([])).toEqual([]);
  expect(idsFor(['SAVE50', 'NONE'])).toEqual([coupon]);
  expect([...promotions.offersFor(['SAVE50'], NOW + HOUR / 2).limited]).toEqual([coupon]);
  expect(idsFor([], NOW + HOUR / 2)).toEqual(['prm_2']);

  await tell('prm_1', 'resume', {});
  await eventually(() => idsFor([]).includes('prm_1' as typeof coupon), { withinMs: 5_000, what: 'resumed' });
  await tell(coupon, 'pause', {});
  await eventually(() => promotions.offersFor(['SAVE50'], NOW).outOfReach[coupon] === 'offer-paused', {
    withinMs: 5_000,
    what: 'paused',
  });
  await tell(coupon, 'end', {});
  await eventually(() => promotions.offersFor(['SAVE50'], NOW).outOfReach[coupon] === 'offer-ended', {
    withinMs: 5_000,
    what: 'ended',
  });
  expect(idsFor([], NOW + HOUR)).toEqual([]);

  await feed.stop();
  await host.stop(1_000);
  await eventLog.close();
  await nc.close();
});
