/** Months and financial years (April to March) in India (UTC+05:30, no summer time). */
import type { Instant } from '../ids.ts';

const DAY_MS = 86_400_000;
const AHEAD_MS = 19_800_000;

/** `2026-11` and the year in which the financial year began. From days to a civil date: H. Hinnant, `civil_from_days`. */
export function periodOf(at: Instant): { readonly month: string; readonly year: string } {
  const days = Math.floor((at + AHEAD_MS) / DAY_MS) + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { month: `${year}-${String(month).padStart(2, '0')}`, year: `${month < 4 ? year - 1 : year}` };
}
