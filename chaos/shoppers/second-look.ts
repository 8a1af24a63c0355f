/** At rest, the API must say what the streams say: nobody may go on being told what is no more. */
import { side } from '../../bench/demo/sale.ts';
import { readOrder, type Shop, type Shopper } from '../../bench/shop/shopper.ts';
import type { Evidence } from '../verdict/judge.ts';

const AT_ONCE = 8;

export async function secondLook(
  shop: Shop,
  people: readonly Shopper[],
  { diary, ledgers }: Pick<Evidence, 'diary' | 'ledgers'>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const known = new Map(people.map((shopper) => [shopper.userId, shopper]));
  await side(diary.told, AT_ONCE, async ({ orderId, userId }) => {
    const shopper = known.get(userId);
    if (shopper === undefined) return;
    const inStream = ledgers.orders.get(orderId)?.state.status ?? 'NONE';
    try {
      const { status } = await readOrder(shop, shopper, orderId);
      if (status !== inStream) faults.push(`${orderId} is ${status} for its customer, and ${inStream} in the stream`);
    } catch (error) {
      faults.push(`${orderId} cannot be read: ${error instanceof Error ? error.message : error}`);
    }
  });
  return faults;
}
