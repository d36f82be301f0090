/**
 * The `scaffold` tool's backend: compiles the spec that the build was started with (never the project's copy, which
 * the agent could edit) and writes the result into the work tree. Atomic and repeatable.
 */
import type { Feature } from '../features/feature.js';
import { caseCount } from '../features/proposal.js';
import { renderPlan } from '../scaffold/plan.js';
import { buildOrder, renderProject } from '../scaffold/project.js';
import type { SpecModel } from '../scaffold/spec-model.js';
import type { Sandbox } from '../security/sandbox.js';
import type { SandboxSource } from '../tools/sandbox-source.js';
import type { ScaffoldBackend } from '../tools/scaffold.js';
import { failed, ok, type ToolResult } from '../tools/tool.js';
import { type FileToWrite, writeProjectFiles } from './project-writer.js';

export interface ScaffoldParts {
  readonly model: SpecModel;
  readonly sandbox: SandboxSource;
  readonly derived: () => readonly Feature[];
}

/** A resource counts as built when its tests are there: they are written last. */
const TESTS = 'tests/api/v1';

export function scaffoldBackend(parts: ScaffoldParts): ScaffoldBackend {
  const order = buildOrder(parts.model);
  return {
    plan: async () => planText(parts, order),
    project: async () => write(parts, await builtIn(await parts.sandbox.current(), order), []),
    resource: async (name) => {
      if (!order.includes(name)) return failed(`There is no resource "${name}"; the spec has: ${order.join(', ')}.`);
      const built = await builtIn(await parts.sandbox.current(), order);
      return write(parts, built, [name]);
    },
  };
}

function planText({ model, derived }: ScaffoldParts, order: readonly string[]): ToolResult {
  const features = derived();
  return ok(
    [
      `resources: ${order.join(', ')}`,
      `The compiler derives ${features.length} features with ${caseCount(features)} test cases from this specification.`,
      renderPlan(model),
    ].join('\n'),
  );
}

async function write(
  { model, sandbox }: ScaffoldParts,
  before: readonly string[],
  added: readonly string[],
): Promise<ToolResult> {
  const after = buildOrder(model).filter((name) => before.includes(name) || added.includes(name));
  const previous = renderProject(model, before);
  const files = new Map<string, FileToWrite>();
  for (const [name, text] of renderProject(model, after))
    files.set(name, { text, previous: previous.get(name) ?? null });
  const { written, kept } = await writeProjectFiles(await sandbox.current(), files);
  const lines = [
    written.length === 0 ? 'nothing to write: all is there already' : `wrote ${written.length} files:`,
    ...written.map((name) => `  ${name}`),
    ...(kept.length === 0
      ? []
      : [
          'left as they are, because they were edited (bring them up to date by hand):',
          ...kept.map((name) => `  ${name}`),
        ]),
  ];
  return ok(lines.join('\n'));
}

async function builtIn(sandbox: Sandbox, order: readonly string[]): Promise<readonly string[]> {
  const listed = await sandbox.run({ command: ['sh', '-c', `ls ${TESTS} 2>/dev/null || true`], timeoutMs: 20_000 });
  const files = new Set(listed.stdout.split('\n'));
  return order.filter((name) => files.has(`test_${name}.py`));
}
