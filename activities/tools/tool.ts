/**
 * What a tool is to the agent loop: a definition for the model and a function from input to a result.
 * A tool never throws for something the model did; it returns an error result that says what to do instead.
 */
import type { ToolUnion } from '@anthropic-ai/sdk/resources/messages';

export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
}

export interface ToolContext {
  /** Aborted on pause, stop, shutdown: the tool ends its command and returns what it has. */
  readonly signal: AbortSignal;
}

export interface Tool {
  /** Name as the model calls it: `bash`, `str_replace_based_edit_tool`, `features`, … */
  readonly name: string;
  /** Exactly what goes into the request's `tools`; byte-identical from turn to turn. */
  readonly definition: ToolUnion;
  /** One line for the live view: `pytest -q tests/api`. */
  describe(input: unknown): string;
  run(input: unknown, context: ToolContext): Promise<ToolResult>;
}

export const ok = (text: string): ToolResult => ({ text, isError: false });
export const failed = (text: string): ToolResult => ({ text, isError: true });
