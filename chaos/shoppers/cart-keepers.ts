/** People who fill and empty a cart from several devices at once, and buy nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Shopper } from '../../bench/shop/shopper.ts';
import type { Buying } from './buyers.ts';
import { RecordedCart } from './carts.ts';

/** A history must stay short enough to be judged. */
const CALLS_AT_MOST = 24;
/** Of one device: each may have happened at any time since, which is what makes judging long. */
const UNKNOWN_AT_MOST = 4;

export async function cartKeeper({ shop, goods, diary, random, closing }: Buying, shopper: Shopper): Promise<void> {
  const cart = new RecordedCart(shop.api, shopper, diary, shop.patienceMs);
  const skus = goods.plenty;
  for (let calls = 0; calls < CALLS_AT_MOST && cart.unknown < UNKNOWN_AT_MOST && !closing(); calls++) {
    const sku = random.of(skus);
    switch (random.below(5)) {
      case 0:
        await cart.set(sku, 1 + random.below(5));
        break;
      case 1:
        await cart.remove(sku);
        break;
      case 2:
        await cart.add(sku, 1);
        break;
      default:
        await cart.read();
    }
    await pause(random.below(250));
  }
  // After everything: what was acknowledged must be there.
  await cart.lastRead();
}
