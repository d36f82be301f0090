/**
 * Runs the tool calls of the last response, one after the other, each journalled before it starts and when it is done.
 * A call that was interrupted is reported as such and never silently run again.
 */
import type { ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { headAndTail, wellFormed } from '../tools/output.js';
import { failed, type Tool, type ToolResult } from '../tools/tool.js';
import type { Clock } from './clock.js';
import { CUT_CALL, INTERRUPTED, NOT_STARTED } from './conversation.js';
import type { Journal } from './journal.js';
import type { Observe } from './session-event.js';
import { type OpenCall, openCalls } from './session-state.js';
import { usageOf } from './usage.js';

export interface ToolCallDeps {
  readonly tools: readonly Tool[];
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly observe: Observe;
  readonly clock: Clock;
}

/** Backstop for a tool that doesn't bound its own output: every character is sent again at each later turn. */
const MAX_RESULT_CHARACTERS = 60_000;

/** How long a tool may take to end after the abort before its call is reported as interrupted, in ms. */
const ABORT_GRACE_MS = 2_000;

/**
 * Gives every open call of the last response a result. After an interrupted call (crash) or an abort the calls behind
 * it are reported as not started: they may build on what is now unknown, and a person may want to say something first.
 */
export async function settleCalls(deps: ToolCallDeps): Promise<void> {
  const open = openCalls(deps.journal.entries);
  let interrupted = open.some(({ state }) => state === 'started');
  for (const item of open) {
    const result = withoutRunning(item, interrupted || deps.signal.aborted) ?? (await runCall(item.call, deps));
    interrupted = interrupted || deps.signal.aborted;
    await deps.journal.append({
      kind: 'tool_done',
      turn: turnOf(deps.journal),
      toolUseId: item.call.id,
      text: wellFormed(headAndTail(result.text, MAX_RESULT_CHARACTERS)),
      isError: result.isError,
    });
  }
}

/** The result of a call that must not run, or null: it may. */
function withoutRunning({ state }: OpenCall, stopped: boolean): ToolResult | null {
  if (state === 'cut') return failed(CUT_CALL);
  if (state === 'started') return failed(INTERRUPTED);
  return stopped ? failed(NOT_STARTED) : null;
}

async function runCall(call: ToolUseBlock, deps: ToolCallDeps): Promise<ToolResult> {
  const { journal, observe, clock } = deps;
  const tool = deps.tools.find(({ name }) => name === call.name);
  const turn = turnOf(journal);
  if (tool === undefined) return failed(unknownTool(call.name, deps.tools));
  const line = tool.describe(call.input);
  await journal.append({ kind: 'tool_started', turn, toolUseId: call.id, name: call.name });
  observe({ kind: 'tool_started', turn, tool: call.name, line });
  const began = clock.now();
  const result = await withinGrace(attempt(tool, call, deps), deps);
  const durationMs = clock.now() - began;
  observe({ kind: 'tool_done', turn, tool: call.name, line, durationMs, isError: result.isError });
  return result;
}

/** A tool that breaks is the model's to work around and ours to see in the log; it doesn't end the session. */
async function attempt(tool: Tool, call: ToolUseBlock, { signal }: ToolCallDeps): Promise<ToolResult> {
  try {
    return await tool.run(call.input, { signal });
  } catch (error) {
    if (signal.aborted) return failed(INTERRUPTED);
    return failed(`the tool ${tool.name} itself broke (${String(error)}). Try once more; then go on without it.`);
  }
}

/** After an abort the tool gets a moment to hand over what it has. */
async function withinGrace(running: Promise<ToolResult>, { signal, clock }: ToolCallDeps): Promise<ToolResult> {
  const settled = new AbortController();
  const late = async (): Promise<ToolResult> => {
    await abortOf(signal, settled.signal);
    await clock.sleep(ABORT_GRACE_MS, settled.signal).catch(() => undefined);
    return failed(INTERRUPTED);
  };
  try {
    return await Promise.race([running, late()]);
  } finally {
    settled.abort();
  }
}

/** Resolves when either signal has aborted. */
function abortOf(...signals: readonly AbortSignal[]): Promise<void> {
  const either = AbortSignal.any([...signals]);
  return new Promise((resolve) => {
    if (either.aborted) resolve();
    else either.addEventListener('abort', () => resolve(), { once: true });
  });
}

function unknownTool(name: string, tools: readonly Tool[]): string {
  return `there is no tool ${JSON.stringify(name)}. The tools are: ${tools.map((tool) => tool.name).join(', ')}.`;
}

const turnOf = (journal: Journal): number => usageOf(journal.entries).modelCalls;
