/**
 * `features`: the feature list as the model may see and, in the initializer, propose it. Never writes `passes`.
 */
import { z } from 'zod';
import type { Phase } from '../../workflows/contract.js';
import { feature } from '../features/feature.js';
import { jsonTool } from './json-tool.js';
import { failed, type Tool, type ToolResult } from './tool.js';

/** What the list's keeper answers: text for the model, already bounded. */
export interface FeaturesBackend {
  /** Its text holds a line `next: <id> (resource <name>)`, or `next: none`. */
  next(): Promise<ToolResult>;
  show(query: { readonly id?: string; readonly resource?: string }): Promise<ToolResult>;
  /** `features` null = take what the compiler derived from the spec. Entries are as the model sent them. */
  propose(resource: string, features: readonly unknown[] | null): Promise<ToolResult>;
  finish(): Promise<ToolResult>;
}

const operation = z.enum(['next', 'show', 'propose', 'finish']);
const name = z.string().min(1).max(100);
const featuresInput = z.strictObject({
  operation,
  id: name.optional(),
  resource: name.optional(),
  features: z.array(z.unknown()).max(200).optional(),
});
type FeaturesInput = z.infer<typeof featuresInput>;

const id = name.optional().describe('show: only this feature, with its test cases');

const shown = {
  initializer: z.strictObject({
    operation: z.enum(['show', 'propose', 'finish']),
    id,
    resource: name.optional().describe('propose: the resource that is proposed; show: only its features'),
    features: z
      .array(feature.omit({ passes: true }))
      .optional()
      .describe('propose: its features; left out = those that the compiler derived from the specification'),
  }),
  coding: z.strictObject({
    operation: z.enum(['next', 'show']),
    id,
    resource: name.optional().describe('show: only the features of this resource'),
  }),
};

const description = {
  initializer:
    'The feature list that you propose. propose: the features of one resource, replacing what was proposed for it ' +
    'before. show: what is proposed. finish: close and lock the list; refused while the number of test cases is out of bounds.',
  coding:
    'The locked feature list. next: the feature to work on now, its test cases and what failed last. show: features ' +
    'with their state; by id with test cases, or by resource.',
};

const LOCKED = 'The list is locked since the initializer closed it: nothing can be proposed any more.';
const NO_NEXT = 'next belongs to coding sessions. Here: show, propose, finish.';

export function featuresTool(phase: Phase, backend: FeaturesBackend): Tool {
  return jsonTool({
    name: 'features',
    description: description[phase],
    input: featuresInput,
    shownInput: shown[phase],
    describe: (input) => [input.operation, input.resource, input.id].filter((part) => part !== undefined).join(' '),
    run: (input) => dispatch(input, phase, backend),
  });
}

async function dispatch(input: FeaturesInput, phase: Phase, backend: FeaturesBackend): Promise<ToolResult> {
  switch (input.operation) {
    case 'show':
      return backend.show({
        ...(input.id === undefined ? {} : { id: input.id }),
        ...(input.resource === undefined ? {} : { resource: input.resource }),
      });
    case 'next':
      return phase === 'coding' ? backend.next() : failed(NO_NEXT);
    case 'propose':
      if (phase === 'coding') return failed(LOCKED);
      if (input.resource === undefined) return failed('propose needs resource: the one that the features belong to.');
      return backend.propose(input.resource, input.features ?? null);
    case 'finish':
      return phase === 'coding' ? failed(LOCKED) : backend.finish();
  }
}
