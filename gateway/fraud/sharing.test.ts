import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { share } from './sharing.ts';
import { Sightings } from './sightings.ts';

const HOUR = 3_600_000;
let redis: Redis;
beforeEach(async () => {
  redis = new Redis(inject('redisUrl'));
  await redis.del('haat:sightings');
});
afterEach(async () => {
  await redis.del('haat:sightings');
  redis.disconnect();
});

const seen = () => new Sightings({ places: 1 << 10 });

test('what one gateway saw the other knows a round later, and one that starts anew learns it', async () => {
  const [one, other] = [seen(), seen()];
  for (let n = 0; n < 5; n++) one.note('accounts', HOUR, 'device', `usr_${n}`);
  const from = await share(other, redis, '0');
  await share(one, redis, '0');
  await share(other, redis, from);
  expect(other.count('accounts', HOUR, 'device')).toBe(one.count('accounts', HOUR, 'device'));
  const late = seen();
  await share(late, redis, '0');
  expect(late.count('accounts', HOUR, 'device')).toBe(one.count('accounts', HOUR, 'device'));
});

test('what makes no sense is passed over', async () => {
  const one = seen();
  await redis.xadd('haat:sightings', '*', 'seen', 'no json');
  await redis.xadd('haat:sightings', '*', 'seen', '[["a",1]]');
  const last = await share(one, redis, '0');
  expect(last).not.toBe('0');
  expect(await share(one, redis, last)).toBe(last);
});
