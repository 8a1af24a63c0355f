/** Text from files of unknown origin: what is left is text as a person would have typed it. */

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
  deg: '°',
  reg: '®',
  trade: '™',
  copy: '©',
};
const ENTITY = /&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi;
/** Scripts and styles with what is in them, comments, and every other tag. `a < b` is not a tag. */
const MARKUP = /<(script|style)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->|<\/?[a-z!][^<>]*>/gi;

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** Without markup, entities, control and unpaired characters; one space between words; at most `length` characters. */
export function cleanText(text: string, length: number): string {
  const plain = text
    .replace(MARKUP, ' ')
    .replace(ENTITY, entity)
    // Markup that was written as entities.
    .replace(MARKUP, ' ')
    .toWellFormed()
    // \p{C}: control, format and private characters, among them NUL, which PostgreSQL refuses.
    .replace(/[\p{C}\ufffd\s]+/gu, ' ')
    .trim()
    .normalize('NFC');
  return plain.length <= length ? plain : plain.slice(0, length).toWellFormed().replaceAll('\ufffd', '').trimEnd();
}
