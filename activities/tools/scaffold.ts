/**
 * `scaffold`: the compiler that turns the unambiguous part of the specification into code, as a tool. The same one
 * serves every model; it is atomic and repeatable.
 */
import { z } from 'zod';
import type { Phase } from '../../workflows/contract.js';
import { jsonTool } from './json-tool.js';
import { failed, type Tool, type ToolResult } from './tool.js';

export interface ScaffoldBackend {
  /** Its text holds a line `resources: a, b, c` in build order. */
  plan(): Promise<ToolResult>;
  project(): Promise<ToolResult>;
  resource(name: string): Promise<ToolResult>;
}

const scaffoldInput = z.strictObject({
  operation: z.enum(['plan', 'project', 'resource']),
  name: z.string().min(1).max(100).optional().describe('resource: its name, as plan lists it'),
});

export function scaffoldTool(phase: Phase, backend: ScaffoldBackend): Tool {
  return jsonTool({
    name: 'scaffold',
    description:
      'Compiles the specification. plan: every statement as GENERATED, INFERRED or UNRESOLVED, the resources in build ' +
      'order and the features derived. project: writes the frame of the project. resource: writes model, schema, ' +
      'service, router, tests and migration of one resource.',
    input: scaffoldInput,
    describe: ({ operation, name }) => (name === undefined ? operation : `${operation} ${name}`),
    run: async ({ operation, name }) => {
      if (operation === 'plan') return backend.plan();
      if (operation === 'project') return backend.project();
      if (phase === 'initializer') return failed('resource belongs to coding sessions. Here: plan and project.');
      return name === undefined ? failed('resource needs name: the resource to write.') : backend.resource(name);
    },
  });
}
