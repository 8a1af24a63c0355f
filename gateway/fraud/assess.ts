/** Facts into points, points into a decision, with the reasons for both. Pure. */
import type { FraudRule, Stage } from '../../config/fraud.ts';
import type { Facts } from './facts.ts';

export type Reason = {
  readonly rule: string;
  readonly points: number;
  /** The fact, and what it may be at most. */
  readonly seen: number;
  readonly over: number;
};

export type Decision = 'accept' | 'review' | 'decline';

export type Assessment = {
  readonly decision: Decision;
  readonly score: number;
  /** The weightiest first. */
  readonly reasons: readonly Reason[];
};

export type FraudPolicy = {
  readonly rules: readonly FraudRule[];
  readonly limits: { readonly review: number; readonly decline: number };
};

const CLEAN: Assessment = { decision: 'accept', score: 0, reasons: [] };

export function assess(stage: Stage, facts: Partial<Facts>, { rules, limits }: FraudPolicy): Assessment {
  let reasons: Reason[] | undefined;
  let score = 0;
  for (const { name: rule, at, fact, over, points } of rules) {
    const seen = facts[fact] ?? 0;
    if (at !== stage || seen <= over) continue;
    score += points;
    reasons ??= [];
    reasons.push({ rule, points, seen, over });
  }
  if (reasons === undefined) return CLEAN;
  const decision = score >= limits.decline ? 'decline' : score >= limits.review ? 'review' : 'accept';
  return { decision, score, reasons: reasons.sort((a, b) => b.points - a.points) };
}
