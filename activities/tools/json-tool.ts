/**
 * A tool of our own making: its input as a zod shape, its definition derived from it, its input checked before it runs.
 * A wrong input is answered with the field and what was expected, so that the model mends it in one turn.
 */
import type { Tool as ToolDefinition } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import { failed, type Tool, type ToolContext, type ToolResult } from './tool.js';

export interface JsonToolSpec<Input> {
  readonly name: string;
  readonly description: string;
  /** What is accepted. */
  readonly input: z.ZodType<Input>;
  /** What the model is shown, when that says more than what is accepted. */
  readonly shownInput?: z.ZodType;
  readonly describe: (input: Input) => string;
  readonly run: (input: Input, context: ToolContext) => Promise<ToolResult>;
}

export function jsonTool<Input>(spec: JsonToolSpec<Input>): Tool {
  const { name, description, input } = spec;
  return {
    name,
    definition: { name, description, input_schema: inputSchema(spec.shownInput ?? input) },
    describe: (value) => {
      const parsed = input.safeParse(value);
      return oneLine(parsed.success ? spec.describe(parsed.data) : value);
    },
    run: async (value, context) => {
      const parsed = input.safeParse(value);
      return parsed.success ? spec.run(parsed.data, context) : failed(inputProblems(name, parsed.error));
    },
  };
}

/** What is wrong with an input, one line a field. */
export function inputProblems(tool: string, error: z.ZodError): string {
  const lines = error.issues.slice(0, 10).map(({ path, message }) => `- ${path.join('.') || 'input'}: ${message}`);
  return `${tool}: the input does not fit.\n${lines.join('\n')}`;
}

/** For the live view: no line breaks, at most 120 characters; whatever isn't text is shown as JSON. */
export function oneLine(shown: unknown): string {
  const text = typeof shown === 'string' ? shown : (JSON.stringify(shown) ?? '');
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > 120 ? `${flat.slice(0, 119)}…` : flat;
}

/** zod's own formats (`starts_with`) say nothing to a JSON Schema reader; the pattern beside them does. */
function inputSchema(shape: z.ZodType): ToolDefinition.InputSchema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(shape, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.pattern !== undefined) delete jsonSchema.format;
    },
  });
  return { ...schema, type: 'object' };
}
