/**
 * What people said, for a running session: notes, answers and the budget that came with its start, and what came since,
 * asked of the workflow between turns. A workflow that does not answer in time costs nothing: the next turn asks again.
 */
import { Context } from '@temporalio/activity';
import type { HumanAnswer, SessionRequest, SteerNote } from '../../workflows/contract.js';
import { guidanceQuery } from '../../workflows/messages.js';
import type { Budget } from '../agent/budget.js';
import type { PendingNote } from '../agent/journal-entry.js';

const DEADLINE_MS = 2_000;
/** Between two questions, in milliseconds. */
const INTERVAL_MS = 1_000;

export interface SessionGuidance {
  /** Every note and answer known now. */
  notes(): Promise<readonly PendingNote[]>;
  /** The ceilings as last heard. */
  budget(): Budget;
}

export function sessionGuidance(
  request: SessionRequest,
  onAnswers: (answers: readonly HumanAnswer[]) => Promise<void>,
): SessionGuidance {
  const { client } = Context.current();
  let notes: readonly SteerNote[] = request.notes;
  let answers: readonly HumanAnswer[] = request.answers;
  let budget: Budget = firstBudget(request);
  let askedAt = performance.now();
  let fresh = answers.length > 0;
  const ask = async (): Promise<void> => {
    askedAt = performance.now();
    const seen = { notesSeen: notes.at(-1)?.number ?? 0, answersSeen: answers.length };
    const handle = client.workflow.getHandle(request.workflowId);
    const more = await client
      .withDeadline(Date.now() + DEADLINE_MS, () => handle.query(guidanceQuery, seen))
      .catch(() => null);
    if (more === null) return;
    notes = [...notes, ...more.notes];
    answers = [...answers, ...more.answers];
    budget = more.budget ?? budget;
    fresh ||= more.answers.length > 0;
  };
  return {
    budget: () => budget,
    notes: async () => {
      if (performance.now() - askedAt > INTERVAL_MS) await ask();
      if (fresh) await onAnswers(answers);
      fresh = false;
      return [...notes.map(steered), ...answers.map(replied)];
    },
  };
}

function firstBudget({ settings, deadline }: SessionRequest): Budget {
  return { maxCostUsd: settings.maxCostUsd, maxTokens: settings.maxTokens, deadline };
}

function steered({ number, note }: SteerNote): PendingNote {
  return { id: `steer-${number}`, source: 'steer', text: note };
}

function replied({ questionId, text }: HumanAnswer, index: number): PendingNote {
  return { id: `answer-${index}-${questionId}`, source: 'answer', text: `(question ${questionId}) ${text}` };
}
