/**
 * `ask_human`: puts a question to the person who runs the build, and returns at once. The answer arrives as a note.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { jsonTool } from './json-tool.js';
import { failed, ok, type Tool } from './tool.js';

export interface HumanQuestion {
  /** Made of the question's own words: asked again after a crash it is the same question. */
  readonly id: string;
  readonly text: string;
  readonly featureId: string | null;
}

export interface QuestionsBackend {
  /** Records the question once and marks its feature as waiting. */
  ask(question: HumanQuestion): Promise<{ readonly kind: 'recorded' | 'unknown_feature' | 'no_list' }>;
}

const askInput = z.strictObject({
  question: z.string().min(10).max(2_000).describe('the question, the choices, and which you would take'),
  feature_id: z.string().min(1).max(100).optional().describe('the feature that waits for the answer'),
});

export function askHumanTool(backend: QuestionsBackend): Tool {
  return jsonTool({
    name: 'ask_human',
    description:
      'Asks the person who runs the build about a decision that only they can take. Returns at once, without the ' +
      'answer: go on with something else; the answer comes as a note, maybe in a later session.',
    input: askInput,
    describe: ({ question }) => question,
    run: async ({ question, feature_id: featureId }) => {
      const id = questionId(question, featureId ?? null);
      const asked = await backend.ask({ id, text: question, featureId: featureId ?? null });
      if (asked.kind === 'no_list') {
        return failed(
          'Questions are kept with the feature list, which is still open. Close it (features finish), then ask.',
        );
      }
      if (asked.kind === 'unknown_feature') {
        return failed(`There is no feature ${featureId}. Name one from the list, or leave feature_id out.`);
      }
      const waits = featureId === undefined ? '' : ` The feature ${featureId} waits for it.`;
      return ok(`Question ${id} is put.${waits} Go on with another feature; the answer arrives as a note.`);
    },
  });
}

function questionId(question: string, featureId: string | null): string {
  return `q-${createHash('sha256')
    .update(JSON.stringify([featureId, question.trim()]))
    .digest('hex')
    .slice(0, 8)}`;
}
