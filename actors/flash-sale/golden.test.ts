import { goldenFixtures } from '../runtime/testing/golden.ts';
import { sale } from './kind.ts';

goldenFixtures(sale, new URL('./fixtures/', import.meta.url), {
  SaleDeclared: 1,
  SaleStocked: 1,
  SaleRefused: 1,
  SaleOpened: 1,
  ItemSoldOut: 1,
  ItemAvailable: 1,
  SaleEnded: 1,
  SaleSettled: 1,
});
