/**
 * What people said, for a running session: what came with its start, and what came since, asked of the workflow between
 * turns. A workflow that does not answer in time costs nothing: the next turn asks again.
 */
import { Context } from '@temporalio/activity';
import type { HumanAnswer, SessionRequest, SteerNote } from '../../workflows/contract.js';
import { guidanceQuery } from '../../workflows/messages.js';
import type { PendingNote } from '../agent/journal-entry.js';

const DEADLINE_MS = 2_000;
/** Between two questions, in milliseconds. */
const INTERVAL_MS = 1_000;

export function sessionNotes(
  request: SessionRequest,
  onAnswers: (answers: readonly HumanAnswer[]) => Promise<void>,
): () => Promise<readonly PendingNote[]> {
  const { client } = Context.current();
  let notes: readonly SteerNote[] = request.notes;
  let answers: readonly HumanAnswer[] = request.answers;
  let askedAt = performance.now();
  let fresh = answers.length > 0;
  return async () => {
    if (performance.now() - askedAt > INTERVAL_MS) {
      askedAt = performance.now();
      const seen = { notesSeen: notes.at(-1)?.number ?? 0, answersSeen: answers.length };
      const handle = client.workflow.getHandle(request.workflowId);
      const more = await client
        .withDeadline(Date.now() + DEADLINE_MS, () => handle.query(guidanceQuery, seen))
        .catch(() => null);
      notes = [...notes, ...(more?.notes ?? [])];
      answers = [...answers, ...(more?.answers ?? [])];
      fresh ||= (more?.answers.length ?? 0) > 0;
    }
    if (fresh) await onAnswers(answers);
    fresh = false;
    return [...notes.map(steered), ...answers.map(replied)];
  };
}

function steered({ number, note }: SteerNote): PendingNote {
  return { id: `steer-${number}`, source: 'steer', text: note };
}

function replied({ questionId, text }: HumanAnswer, index: number): PendingNote {
  return { id: `answer-${index}-${questionId}`, source: 'answer', text: `(question ${questionId}) ${text}` };
}
