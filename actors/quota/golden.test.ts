import { goldenFixtures } from '../runtime/testing/golden.ts';
import { quota } from './kind.ts';

goldenFixtures(quota, new URL('./fixtures/', import.meta.url), {
  QuotaSet: 1,
  QuotaClosed: 1,
  QuotaOpened: 1,
  UseClaimed: 1,
  UseConfirmed: 1,
  UseReleased: 1,
  UseLapsed: 1,
});
