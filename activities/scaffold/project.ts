/**
 * From a spec model to the files of a FastAPI project: pure, the same bytes for the same model and the same built
 * resources. It never reads a spec's text and never writes a file.
 */
import { type Build, buildOf, builtResources, orderOf } from './render/build.js';
import { coreFiles } from './render/core-files.js';
import { migrationFile, migrationPath } from './render/migration-file.js';
import { modelFile } from './render/model-file.js';
import { namesOf } from './render/names.js';
import { formattedPython } from './render/python-format.js';
import { probePath, readmeFile } from './render/readme-file.js';
import { routerFile } from './render/router-file.js';
import { schemaFile } from './render/schema-file.js';
import { hasService, serviceFile } from './render/service-file.js';
import { factoriesFile } from './render/test-factories.js';
import { authTestFile, testFile } from './render/test-file.js';
import type { SpecModel, SpecResource } from './spec-model.js';

/** Path in the project -> content. */
export type ProjectFiles = ReadonlyMap<string, string>;

/** Resources in the order in which they can be built: users first, each after what it refers to, links last. */
export function buildOrder(model: SpecModel): string[] {
  return orderOf(model);
}

/**
 * Every file of a project in which exactly the resources `built` exist; `[]` is the core alone. The order of `built`
 * does not matter. Throws when a resource lacks one that it depends on, naming both.
 */
export function renderProject(model: SpecModel, built: readonly string[]): ProjectFiles {
  const build = buildOf(model, built);
  const files = coreFiles(build);
  files.set('README.md', readmeFile(build));
  if (builtResources(build).length > 0) files.set('tests/factories.py', factoriesFile(build));
  const probe = probePath(build);
  if (probe !== null) files.set('tests/api/v1/test_auth.py', authTestFile(build, probe));
  for (const resource of builtResources(build)) {
    for (const [path, content] of resourceFiles(build, resource)) files.set(path, content);
  }
  const formatted = [...files].map(([path, content]): [string, string] => [
    path,
    path.endsWith('.py') ? formattedPython(content) : content,
  ]);
  return new Map(formatted.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The files that are new or change when `resource` joins those that are built. */
export function renderResource(model: SpecModel, built: readonly string[], resource: string): ProjectFiles {
  const before = renderProject(model, built);
  const after = renderProject(model, [...new Set([...built, resource])]);
  return new Map([...after].filter(([path, content]) => before.get(path) !== content));
}

function resourceFiles(build: Build, resource: SpecResource): [string, string][] {
  const { module, plural } = namesOf(resource);
  const files: [string, string][] = [
    [`app/models/${module}.py`, modelFile(build, resource)],
    [migrationPath(build, resource), migrationFile(build, resource)],
  ];
  if (!hasService(resource)) return files;
  return [
    ...files,
    [`app/schemas/${module}.py`, schemaFile(build, resource)],
    [`app/services/${module}_service.py`, serviceFile(build, resource)],
    [`app/routers/v1/${plural}.py`, routerFile(build, resource)],
    [`tests/api/v1/test_${plural}.py`, testFile(build, resource)],
  ];
}
