/**
 * Card numbers (PANs) have no business here: cards are typed on the gateways' pages only. This finds what looks like one, so
 * that requests with it are refused and no log line keeps it (PCI DSS 4.0, requirement 3).
 *
 * By the ranges and lengths that are issued, and the Luhn digit (ISO/IEC 7812-1); a space, dot or hyphen may stand between
 * digits. Digits within a word (our ids, hashes) are none.
 */
const RUN = /(?<![0-9A-Za-z_])[0-9](?:[ .-]?[0-9]){13,}(?![0-9A-Za-z_])/g;
const SHORTEST = 14;
const LONGEST = 19;

/** By the first digits: how long they are. https://en.wikipedia.org/wiki/Payment_card_number */
const ISSUED: readonly (readonly [range: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [16, 19]], // Visa; those of 13 digits are gone, and GTINs have as many
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(30[0-5]|3095|36|38|39)/, [14, 16, 19]], // Diners Club
  [/^(508|60|64[4-9]|65|81|82|35)/, [16, 19]], // RuPay, Discover, JCB
  [/^(50|5[6-9]|6)/, [16, 18, 19]], // Maestro
];

const isCard = (digits: string): boolean =>
  ISSUED.some(([range, lengths]) => lengths.includes(digits.length) && range.test(digits)) && luhn(digits);

function luhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    const doubled = place % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Where the first card number in a run of digit groups begins and ends; other digits may stand before and after it. */
function cardIn(run: string): readonly [from: number, to: number] | undefined {
  const groups = [...run.matchAll(/[0-9]+/g)];
  for (const [index, first] of groups.entries()) {
    let digits = '';
    for (const group of groups.slice(index, index + LONGEST)) {
      digits += group[0];
      if (digits.length > LONGEST) break;
      if (digits.length >= SHORTEST && isCard(digits)) return [first.index, group.index + group[0].length];
    }
  }
  return undefined;
}

export const holdsCard = (text: string): boolean => text.match(RUN)?.some((run) => cardIn(run) !== undefined) ?? false;

/**
 * Of each card number the first digit and the last four stay, the others become 0: a line of JSON stays one, also where the
 * number stood as a number.
 */
export const redactCards = (text: string): string =>
  text.replace(RUN, (run) => {
    let rest = run;
    let redacted = '';
    for (let found = cardIn(rest); found !== undefined; found = cardIn(rest)) {
      const [from, to] = found;
      redacted +=
        rest.slice(0, from + 1) + rest.slice(from + 1, to - 4).replace(/[0-9]/g, '0') + rest.slice(to - 4, to);
      rest = rest.slice(to);
    }
    return redacted + rest;
  });

/** Somewhere in a parsed body: in a value, a name, or a number. Deeper than `depth` nothing is let through. */
export function cardWithin(value: unknown, depth = 32): boolean {
  if (typeof value === 'string') return holdsCard(value);
  if (typeof value === 'number' || typeof value === 'bigint') return holdsCard(String(value));
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  if (Array.isArray(value)) return value.some((part) => cardWithin(part, depth - 1));
  return Object.entries(value).some(([name, part]) => holdsCard(name) || cardWithin(part, depth - 1));
}

/** For pino: every line passes here before it is written, whatever logged it. */
export const cardFreeLog = { hooks: { streamWrite: redactCards } } as const;
