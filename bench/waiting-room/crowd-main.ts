/** A process full of people who wait. It does as the bench tells it, and dies with it. */
import type { Socket } from 'node:net';
import type { UserId } from '../../actors/ids.ts';
import { createAccessTokens } from '../../gateway/auth/access-tokens.ts';
import { side } from '../demo/sale.ts';
import type { Heard, Order } from './messages.ts';
import { wait } from './waiter.ts';

const AT_ONCE = 96;
const PER_ADDRESS = 20_000;
const TRIES = 5;

let sockets: Socket[] = [];
let positions = 0;
let failed = 0;
let cutOff = 0;
let gathering = false;
const admitted: number[] = [];
const soldOut: number[] = [];
const reasons = new Set<string>();

const userOf = (n: number) => ({
  id: `usr_crowd${n}` as UserId,
  email: '',
  phone: '',
  firstName: '',
  lastName: '',
  role: 'customer' as const,
  sellerId: null,
  preferences: {},
  createdAt: 0,
  updatedAt: 0,
  version: 1,
});

async function gather({ api, secret, room, from, count }: Extract<Order, { do: 'gather' }>): Promise<void> {
  const { port } = new URL(api);
  const tokens = createAccessTokens(secret);
  gathering = true;
  const people = Array.from({ length: count }, (_, index) => from + index);
  await side(people, AT_ONCE, async (n) => {
    const options = {
      host: '127.0.0.1',
      port: Number(port),
      room,
      token: tokens.sign(userOf(n), 'ses_crowd'),
      from: `127.0.0.${2 + Math.floor(n / PER_ADDRESS)}`,
      onPosition: () => void positions++,
      onAdmitted: () => void admitted.push(Date.now()),
      onSoldOut: () => void soldOut.push(Date.now()),
      onCutOff: () => void cutOff++,
    };
    for (let attempt = 1; ; attempt++) {
      try {
        sockets.push(await wait(options));
        return;
      } catch (error) {
        reasons.add(error instanceof Error ? error.message : String(error));
        if (attempt === TRIES) {
          failed += 1;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 1_000));
      }
    }
  });
  gathering = false;
}

function leave(): void {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  admitted.length = 0;
  soldOut.length = 0;
  cutOff = 0;
  failed = 0;
  positions = 0;
}

process.on('message', (order: Order) => {
  if (order.do === 'gather') void gather(order);
  if (order.do === 'leave') leave();
  const open = sockets.filter(({ readyState }) => readyState === 'open').length;
  const heard: Heard = {
    waiting: open,
    failed,
    cutOff,
    positions,
    admitted,
    soldOut,
    reasons: [...reasons],
    gathering,
  };
  process.send?.(heard);
});
process.on('disconnect', () => process.exit());
