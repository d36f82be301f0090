/**
 * The `scaffold` tool's backend: compiles the spec that the build was started with (never the project's copy, which
 * the agent could edit) and writes the result into the work tree. Atomic and repeatable.
 */
import type { Feature } from '../features/feature.js';
import { caseCount } from '../features/proposal.js';
import { renderPlan } from '../scaffold/plan.js';
import { buildOrder, renderProject } from '../scaffold/project.js';
import { namesOf } from '../scaffold/render/names.js';
import type { SpecModel } from '../scaffold/spec-model.js';
import type { SandboxSource } from '../tools/sandbox-source.js';
import type { ScaffoldBackend } from '../tools/scaffold.js';
import { failed, ok, type ToolResult } from '../tools/tool.js';
import { type FileToWrite, writeProjectFiles } from './project-writer.js';

export interface ScaffoldParts {
  readonly model: SpecModel;
  readonly sandbox: SandboxSource;
  readonly derived: () => readonly Feature[];
}

export function scaffoldBackend(parts: ScaffoldParts): ScaffoldBackend {
  const order = buildOrder(parts.model);
  return {
    plan: async () => planText(parts, order),
    project: async () => write(parts, await builtIn(parts), []),
    resource: async (name) => {
      if (!order.includes(name)) return failed(`There is no resource "${name}"; the spec has: ${order.join(', ')}.`);
      return write(parts, await builtIn(parts), [name]);
    },
  };
}

function planText({ model, derived }: ScaffoldParts, order: readonly string[]): ToolResult {
  const features = derived();
  const others = [...new Set(features.map(({ resource }) => resource))].filter((name) => !order.includes(name));
  return ok(
    [
      `resources: ${order.join(', ')}`,
      ...(others.length === 0 ? [] : [`also propose: ${others.join(', ')}`]),
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
  let files: ReadonlyMap<string, FileToWrite>;
  try {
    files = compiled(model, before, added);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error)); // e.g. "can't be built before 'users'"
  }
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

function compiled(
  model: SpecModel,
  before: readonly string[],
  added: readonly string[],
): ReadonlyMap<string, FileToWrite> {
  const after = buildOrder(model).filter((name) => before.includes(name) || added.includes(name));
  const previous = renderProject(model, before);
  return new Map(
    [...renderProject(model, after)].map(([name, text]) => [name, { text, previous: previous.get(name) ?? null }]),
  );
}

/** A resource counts as built when its model is there; what a cut write left out is written again with the next. */
async function builtIn({ model, sandbox }: ScaffoldParts): Promise<readonly string[]> {
  const live = await sandbox.current();
  const listed = await live.run({ command: ['sh', '-c', 'ls app/models 2>/dev/null || true'], timeoutMs: 20_000 });
  const files = new Set(listed.stdout.split('\n'));
  const built = model.resources
    .filter((resource) => files.has(`${namesOf(resource).module}.py`))
    .map(({ name }) => name);
  return buildOrder(model).filter((name) => built.includes(name));
}
