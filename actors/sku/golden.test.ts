import { goldenFixtures } from '../runtime/testing/golden.ts';
import { sku } from './kind.ts';

goldenFixtures(sku, new URL('./fixtures/', import.meta.url), {
  StockSet: 1,
  StockAdjusted: 1,
  StockReserved: 1,
  StockCommitted: 1,
  StockReleased: 1,
  HoldLapsed: 1,
  StockRestocked: 1,
  ReorderPointReached: 1,
  StockSent: 1,
  StockArrived: 1,
  TransferCompleted: 1,
  BucketOpened: 1,
  BucketClosed: 1,
});
