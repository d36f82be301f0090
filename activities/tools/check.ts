/**
 * `check`: Nightshift's own test cases against the work tree as it is now. A help while working; evidence is only what
 * `verify` measures on a commit.
 */
import { z } from 'zod';
import { jsonTool } from './json-tool.js';
import type { Tool, ToolResult } from './tool.js';

export interface CheckQuery {
  /** Feature ids; null = not restricted by id. */
  readonly ids: readonly string[] | null;
  readonly resource: string | null;
}

export interface CheckBackend {
  /** Its text holds a line `cases: <n> of <m> passing`, then each failing case. */
  check(query: CheckQuery, signal: AbortSignal): Promise<ToolResult>;
}

const checkInput = z.strictObject({
  ids: z.array(z.string().min(1).max(100)).min(1).max(50).optional().describe('ids of the features to check'),
  resource: z.string().min(1).max(100).optional().describe('check all features of this resource'),
});

export function checkTool(backend: CheckBackend): Tool {
  return jsonTool({
    name: 'check',
    description:
      'Starts the app as it is in the work tree on a fresh database and runs the test cases of the named features ' +
      'over HTTP. Shows each failing case with its request, the expected and the actual answer. Name a resource or a ' +
      'few ids; with neither, every feature is checked, which takes longer.',
    input: checkInput,
    describe: ({ ids, resource }) => ids?.join(' ') ?? resource ?? 'everything',
    run: ({ ids, resource }, { signal }) => backend.check({ ids: ids ?? null, resource: resource ?? null }, signal),
  });
}
