/** Places and passes on the wire. */
import { z } from 'zod';
import type { Entered } from '../waiting-room/waiting-rooms.ts';
import { instant, isoTime } from './scalars.ts';

export const MAX_RATE = 1_000_000;

export const roomParams = z.object({
  room: z
    .string()
    .regex(/^(site|sal_[A-Za-z0-9]{1,36})$/)
    .describe('`site`, or the id of a flash sale'),
});

const position = z
  .int()
  .describe('How many are before you, yourself included; from 100 on rounded up to two digits. 0: your turn has come');
const waitSeconds = z.int().nullable().describe('Estimated, rounded up likewise; null: the queue stands still');
const pass = z.string().nullable().describe('For `X-Admission-Pass`; null: not yet, or nobody needs one');

export const place = z
  .object({
    room: z.string(),
    status: z.enum(['waiting', 'admitted']),
    position,
    waitSeconds,
    place: z.string().nullable().describe('Signed; for `X-Waiting-Place`, which keeps it whatever is forgotten here'),
    pass,
    passExpiresAt: instant.nullable(),
  })
  .meta({ id: 'WaitingPlace' });

export const placeDocument = (room: string, { passExpiresAt, ...rest }: Entered) => ({
  room,
  ...rest,
  passExpiresAt: passExpiresAt === null ? null : isoTime(passExpiresAt),
});

/** Where operations have taken the room away. */
export const openDocument = (room: string) => ({
  room,
  status: 'admitted',
  position: 0,
  waitSeconds: 0,
  place: null,
  pass: null,
  passExpiresAt: null,
});

export const waitingEvent = z
  .union([
    z.object({ position, waitSeconds }),
    z.object({ pass: z.string(), passExpiresAt: instant }),
    z.object({ saleId: z.string() }),
    z.object({ reason: z.enum(['ended', 'open-to-all']) }),
  ])
  .meta({ id: 'WaitingEvent', description: 'Of `position`, `admitted`, `sold-out` and `closed`, in this order' });

export const roomSettings = z
  .strictObject({
    ratePerSecond: z
      .union([z.int().min(0).max(MAX_RATE), z.literal('off'), z.literal('default')])
      .describe('Admissions a second; 0: nobody for now; `off`: everybody, at once; `default`: as configured'),
  })
  .meta({ id: 'WaitingRoomSettings', examples: [{ ratePerSecond: 500 }] });

export const roomState = z
  .object({
    room: z.string(),
    ratePerSecond: z.number().nullable().describe('null: off'),
    waiting: z.int().describe('Places given out whose turn has not come, at all gateways'),
    streams: z.int().describe('Who waits with an open stream, at this gateway'),
    waitSeconds: z.int().nullable().describe('For who comes now; null: the queue stands still'),
    shared: z.boolean().describe('False: Redis is away, and this gateway gives out its share of the places'),
  })
  .meta({ id: 'WaitingRoom' });
