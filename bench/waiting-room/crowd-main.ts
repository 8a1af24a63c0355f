/** A process full of people who wait. It does as the bench tells it, and dies with it. */
import type { Socket } from 'node:net';
import type { UserId } from '../../actors/ids.ts';
import { createAccessTokens } from '../../gateway/auth/access-tokens.ts';
import { side } from '../demo/sale.ts';
import type { Heard, Order } from './messages.ts';
import { wait } from './waiter.ts';

const AT_ONCE = 32;
/** The kernel looks for a free port of an address the longer, the more are taken. */
const PER_ADDRESS = 4_000;
const TRIES = 20;

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

async function gather(order: Extract<Order, { do: 'gather' }>): Promise<void> {
  const { ports, secret, room, from, count, network } = order;
  const tokens = createAccessTokens(secret);
  gathering = true;
  const people = Array.from({ length: count }, (_, index) => from + index);
  await side(people, AT_ONCE, async (n) => {
    const options = {
      host: '127.0.0.1',
      port: ports[n % ports.length] ?? 0,
      room,
      token: tokens.sign(userOf(n), 'ses_crowd'),
      from: `${network}.${1 + Math.floor((n - from) / PER_ADDRESS)}`,
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
  reasons.clear();
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
    admitted: admitted.length,
    soldOut: soldOut.length,
    reasons: [...reasons],
    gathering,
    times: order.do === 'times' ? { admitted, soldOut } : null,
  };
  process.send?.(heard);
});
process.on('disconnect', () => process.exit());
