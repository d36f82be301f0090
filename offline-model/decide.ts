/**
 * Conversation -> next assistant turn: the whole of the offline model's judgement, as a pure function. It replays the
 * phase's plan against the calls made so far and says what comes next. It keeps nothing between requests.
 */
import { isDeepStrictEqual } from 'node:util';
import { codingPlan } from './coding.js';
import { type Call, readConversation } from './conversation.js';
import { initializerPlan } from './initializer.js';
import type { Plan, Step } from './plan.js';
import type { MessagesRequest } from './request.js';

/** The first line that a user of the offline model reads. */
export const ANNOUNCEMENT = 'offline: rule-based builder, no AI model; give --model and ANTHROPIC_API_KEY for Claude';

/** Tool calls in one conversation before the rules give up, whatever happens: a session needs about ten. */
const MAX_CALLS = 250;
/** Repeats of one identical call, whatever the reason; only interrupted calls are ever repeated. */
export const MAX_REPEATS = 2;

/** `call` null means end_turn. */
export interface Decision {
  readonly text: string;
  readonly call: { readonly name: string; readonly input: Readonly<Record<string, string>> } | null;
}

/** Total: every valid request has an answer, and the same request always the same one. */
export function decide(request: MessagesRequest): Decision {
  const { phase, calls, noteArrived } = readConversation(request);
  const decision =
    phase === null ? end(NOT_OURS) : nextOf(phase === 'initializer' ? initializerPlan() : codingPlan(), calls);
  const opening = calls.length === 0 ? `${ANNOUNCEMENT}\n\n` : '';
  const note = noteArrived ? `${NOTE_IGNORED}\n\n` : '';
  return { ...decision, text: `${opening}${note}${decision.text}` };
}

const NOT_OURS =
  'This conversation does not start with a line "Phase: initializer" or "Phase: coding", so no rule of mine fits it.';
const NOTE_IGNORED = 'A note arrived. Rules can not follow notes; it stays in the record for a session with a model.';

function nextOf(plan: Plan, calls: readonly Call[]): Decision {
  if (calls.length >= MAX_CALLS) return end(`I stop: ${calls.length} tool calls are more than any session needs.`);
  let step = plan.next();
  for (const [index, call] of calls.entries()) {
    if (step.done) break;
    if (!isSame(step.value, call)) return end(diverged(index, call, step.value));
    if (!call.interrupted) step = plan.next(call);
  }
  return step.done ? end(step.value) : ask(step.value, calls);
}

/** The step as a call, unless it has been made often enough. */
function ask(step: Step, calls: readonly Call[]): Decision {
  const made = calls.filter((call) => call.started && isSame(step, call)).length;
  const again = calls.at(-1)?.interrupted === true;
  if (made > MAX_REPEATS) {
    return end(`I stop: ${step.tool} was called ${made} times with the same input${again ? ' and interrupted' : ''}.`);
  }
  const say = again ? 'That call was interrupted. It may be repeated, so I repeat it.' : step.say;
  return { text: say, call: { name: step.tool, input: step.input } };
}

const end = (text: string): Decision => ({ text, call: null });

const isSame = (step: Step, call: Call): boolean =>
  step.tool === call.name && isDeepStrictEqual(call.input, { ...step.input });

const diverged = (index: number, call: Call, step: Step): string =>
  `I stop: tool call ${index + 1} of this conversation is ${call.name}, where my rules call ${step.tool}. ` +
  'Another version of the rules must have led it; the next session starts afresh.';
