/** Tax law knows days, in Indian time (UTC+05:30, no summer time ever). */
import type { Instant } from '../../ids.ts';

const DAY_MS = 86_400_000;
const AHEAD_MS = 19_800_000;

/**
 * When a day begins in India: `dayBegins('2025-09-22')`. Days from the civil date as in H. Hinnant's `days_from_civil`
 * (chrono-Compatible Low-Level Date Algorithms): years begin in March, so that the leap day is the last.
 */
export function dayBegins(day: string): Instant {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * DAY_MS - AHEAD_MS;
}
