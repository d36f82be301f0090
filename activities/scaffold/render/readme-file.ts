/**
 * `README.md` of a generated project: its own resources, rules and calls that work when pasted.
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import { resourceNamed, type SpecResource } from '../spec-model.js';
import { activeRules, type Build, builtResources } from './build.js';
import { coreView } from './core-files.js';
import { sentence } from './python-text.js';
import { renderTemplate } from './template.js';
import { bodyFields, requiredParents } from './test-request.js';

const SERVER = 'http://127.0.0.1:8000';
const MAX_CALLS = 8;

export function readmeFile(build: Build): string {
  const resources = builtResources(build).filter(({ endpoints }) => endpoints.length > 0);
  return renderTemplate('resource/README.md', {
    ...coreView(build),
    overview: build.model.project.overview,
    admin: build.model.auth.admin_role,
    resources: resources.map((resource) => ({
      title: resource.title,
      endpoints: resource.endpoints.map(({ method, path, summary }) => ({ method, path, summary: sentence(summary) })),
      rules: ruleSentences(build, resource),
    })),
    calls: resources.flatMap((resource) => callsOf(build, resource)).slice(0, MAX_CALLS),
  });
}

function ruleSentences(build: Build, resource: SpecResource): string[] {
  const quiet = new Set(['count', 'only_through', 'link_idempotent', 'soft_delete']);
  const sentences = activeRules(build, resource)
    .filter(({ family, sentence: text }) => !quiet.has(family) && /\s\w+\s/.test(text) && !text.includes(': '))
    .map((rule) => sentence(rule.sentence));
  return [...new Set(sentences)];
}

function callsOf(build: Build, resource: SpecResource): string[] {
  const create = resource.endpoints.find(({ kind }) => kind === 'create' || kind === 'nested_create');
  const list = resource.endpoints.find(({ kind }) => kind === 'list' || kind === 'nested_list');
  return [
    ...(create ? [postOf(build, resource, create)] : []),
    ...(list ? [`curl "${SERVER}${withIds(list)}?${build.model.page.page_size}=5"`] : []),
  ];
}

function postOf(build: Build, resource: SpecResource, endpoint: SpecEndpoint): string {
  const parents = requiredParents(build, resource, endpoint).map(({ field }) => [field, 1] as const);
  const values = bodyFields(build, resource).map(({ name, value }) => [name, plainJson(value)] as const);
  const body = JSON.stringify(Object.fromEntries([...parents, ...values])).replaceAll("'", '');
  return `curl -X POST "${SERVER}${withIds(endpoint)}" -H "Content-Type: application/json" -d '${body}'`;
}

function withIds({ path }: SpecEndpoint): string {
  return path.replace(/\{[a-z0-9_]+\}/g, '1');
}

function plainJson(literal: string): unknown {
  if (literal === 'True' || literal === 'False') return literal === 'True';
  return JSON.parse(literal);
}

/** Path of a list that every signed-in user may read, to try signing in with; null when there is none. */
export function probePath(build: Build): string | null {
  const permitted = new Set(
    build.model.resources.flatMap(({ rules }) =>
      rules.flatMap((rule) => (rule.family === 'permit' ? rule.endpoints : [])),
    ),
  );
  const names = builtResources(build).map(({ name }) => name);
  const endpoints = names.flatMap((name) => resourceNamed(build.model, name).endpoints);
  const open = endpoints.find(
    ({ id, params, method }) => method === 'GET' && params.length === 0 && !permitted.has(id),
  );
  return open?.path ?? null;
}
