import { Writable } from 'node:stream';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { cardFreeLog, cardWithin, holdsCard, redactCards } from './card-numbers.ts';

/** Published test numbers: https://razorpay.com/docs/payments/payments/test-card-details · https://docs.payu.in/docs/test-cards-upi-id-and-wallets */
const TEST_CARDS = [
  '4111111111111111',
  '5267318187975449',
  '5104060000000008',
  '5123456789012346',
  '2223000048400011',
  '378282246310005',
  '30569309025904',
  '6074819900004939',
  '5085000000000007',
  '3530111333300000',
];

const luhnDigit = (body: string): string => {
  for (const digit of '0123456789') {
    let sum = 0;
    for (const [place, character] of [...(body + digit)].reverse().entries()) {
      const value = Number(character) * (place % 2 === 0 ? 1 : 2);
      sum += value > 9 ? value - 9 : value;
    }
    if (sum % 10 === 0) return digit;
  }
  throw new Error('no digit');
};
const visa = fc.stringMatching(/^4[0-9]{14}$/).map((body) => body + luhnDigit(body));

describe('a card number', () => {
  it.each(TEST_CARDS)('is found and redacted: %s', (card) => {
    const spaced = card.replace(/(.{4})(?=.)/g, '$1 ');
    for (const text of [
      card,
      spaced,
      spaced.replaceAll(' ', '-'),
      `my card is ${card}.`,
      `${spaced} 12/27 cvv 123`,
      `2 x ${spaced}`,
    ]) {
      expect(holdsCard(text)).toBe(true);
      expect(redactCards(text).replace(/[ .-]/g, '')).not.toContain(card);
      expect(redactCards(text)).toContain(card.slice(-2));
    }
  });

  it('is found wherever it stands, whatever it is written with', () => {
    fc.assert(
      fc.property(
        visa,
        fc.constantFrom('', ' ', '-', '.'),
        fc.constantFrom('', 'no. ', '12 ', '"', ':'),
        (card, between, before) => {
          const text = before + (card.match(/.{4}/g) ?? []).join(between);
          expect(holdsCard(text)).toBe(true);
          expect(redactCards(text)).not.toBe(text);
          expect(cardWithin({ a: [{ b: text }] })).toBe(true);
          expect(cardWithin({ [text]: 1 })).toBe(true);
        },
      ),
    );
  });

  it('is not what the shop writes itself', () => {
    const ours = [
      'pay_0190a1b2c3d47e5f8a9b0c1d2e3f4a5b',
      'ord_41111111111111111111111111111111',
      '+919876543210',
      '9876543210',
      '29ABCDE1234F1Z5',
      '2026-11-23T10:53:41.123Z',
      '1763895221123',
      '192.168.100.200:3000',
      '4111111111111112',
      'order_4111111111111111',
      '₹41,11,111.11',
    ];
    for (const text of ours) {
      expect(holdsCard(text)).toBe(false);
      expect(redactCards(text)).toBe(text);
    }
  });

  it('as a number is one too, and too deep to look at is refused', () => {
    expect(cardWithin({ card: 4_111_111_111_111_111 })).toBe(true);
    expect(cardWithin({ quantity: 3, price: 149_900, at: 1_763_895_221_123 })).toBe(false);
    let deep: unknown = 'x';
    for (let n = 0; n < 40; n += 1) deep = [deep];
    expect(cardWithin(deep)).toBe(true);
  });
});

describe('the log', () => {
  const logged = (write: (log: pino.Logger) => void): string => {
    let text = '';
    const stream = new Writable({
      write(part, _encoding, done) {
        text += String(part);
        done();
      },
    });
    write(pino(cardFreeLog, stream));
    return text;
  };

  it('keeps no card number, from wherever it comes, and stays JSON', () => {
    fc.assert(
      fc.property(visa, (card) => {
        const text = logged((log) => {
          log.info({ event: 'x', body: { note: `card ${card}`, number: Number(card) } });
          log.child({ bound: card }).warn(card);
          log.error({ err: new Error(`refused ${card.replace(/(.{4})(?=.)/g, '$1 ')}`) });
        });
        expect(text.replace(/[ .-]/g, '')).not.toContain(card);
        expect(text).toContain(card.slice(-4));
        for (const line of text.trimEnd().split('\n'))
          expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number) });
      }),
    );
  });

  it('is otherwise as it was', () => {
    const text = logged((log) =>
      log.info({ event: 'order-placed', order: 'ord_0190a1b2c3d47e5f8a9b0c1d2e3f4a5b', amount: 149_900 }),
    );
    expect(JSON.parse(text)).toMatchObject({
      event: 'order-placed',
      order: 'ord_0190a1b2c3d47e5f8a9b0c1d2e3f4a5b',
      amount: 149_900,
    });
  });
});
