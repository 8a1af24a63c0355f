/** People after the flash sale, each from several devices at once, who want more of it than one customer may have. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Shopper } from '../../bench/shop/shopper.ts';
import { type Buying, follow, note, order } from './buyers.ts';
import { RecordedCart } from './carts.ts';

export async function bargainHunter(buying: Buying, shopper: Shopper): Promise<void> {
  const { shop, goods, diary, random, closing } = buying;
  const cart = new RecordedCart(shop.api, shopper, diary, shop.patienceMs);
  // What is ordered from two devices at once may be ordered twice: such a cart is not judged.
  cart.close();
  do {
    await pause(100 + random.below(400));
    try {
      await cart.add(goods.bargain, 1 + random.below(2));
      const told = await order(buying, shopper, cart);
      if (told !== undefined) await follow(buying, shopper, told);
    } catch (error) {
      note(diary, error);
    }
  } while (!closing());
}
