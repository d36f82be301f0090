/**
 * The budget of a whole build as a session sees it, asked before each model call: what may be spent, and until when.
 * Pure. A session that meets it stays open: after a raise it goes on at the same turn.
 */
import type { Attention } from '../../workflows/contract.js';
import { addUsage, type Ceilings, ceilingReached, type Usage } from '../../workflows/usage.js';

export interface Budget extends Ceilings {
  /** ISO time after which no model is called, or null. */
  readonly deadline: string | null;
}

/** Why no further call may be made, or null. `spent` before this session, `usage` in it; `now` in ms. */
export function budgetReached(budget: Budget, spent: Usage, usage: Usage, now: number): Attention | null {
  if (budget.deadline !== null && Date.parse(budget.deadline) <= now) {
    return {
      kind: 'budget',
      problem: `the hours given to this build (--max-hours) were over at ${budget.deadline}`,
      cure: 'give more and go on at the same turn: nightshift build --max-hours 8 (or stop: nightshift stop)',
    };
  }
  const reached = ceilingReached(addUsage(spent, usage), budget);
  return reached === null ? null : { kind: 'budget', ...reached };
}
