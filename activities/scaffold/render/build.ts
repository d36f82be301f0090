/**
 * Which resources exist in the project that is rendered, and in which order they are built. Everything that depends
 * on another resource being there asks here. Pure.
 */
import {
  resourceNamed,
  resourcesNeededBy,
  rulesOf,
  type SpecField,
  type SpecModel,
  type SpecResource,
} from '../spec-model.js';
import type { SpecRule } from '../spec-rules.js';
import { withUsers } from './own-users.js';

export interface Build {
  /** The spec model; with a users resource of our own when the spec has none. */
  readonly model: SpecModel;
  /** Every resource, in build order. */
  readonly order: readonly string[];
  /** Those that exist in this project. */
  readonly built: ReadonlySet<string>;
  readonly userName: string;
}

/** Prepares a model for rendering. Throws when `built` names something unknown or lacks what it depends on. */
export function buildOf(spec: SpecModel, built: readonly string[]): Build {
  const model = withUsers(spec);
  const userName = model.auth.user_resource ?? 'users';
  const order = orderOf(model, userName);
  const all = new Set(spec.auth.user_resource === null ? [userName, ...built] : built);
  for (const name of all) {
    const missing = dependenciesOf(model, resourceNamed(model, name), userName).find(
      (needed) => !all.has(needed) && order.indexOf(needed) < order.indexOf(name),
    );
    if (missing) throw new Error(`'${name}' can't be built before '${missing}'. Build '${missing}' first.`);
  }
  return { model, order, built: all, userName };
}

/** Build order of the resources that the spec names. */
export function orderOf(model: SpecModel, userName = model.auth.user_resource): string[] {
  const order: string[] = [];
  const waiting = new Set(model.resources.map(({ name }) => name));
  const take = (name: string) => {
    waiting.delete(name);
    order.push(name);
  };
  if (userName !== null && waiting.has(userName)) take(userName);
  while (waiting.size > 0) {
    const names = [...waiting];
    const ready = names.find((name) =>
      dependenciesOf(model, resourceNamed(model, name), userName).every((needed) => !waiting.has(needed)),
    );
    take(ready ?? breakCycle(model, names));
  }
  return order;
}

export function builtResources({ model, order, built }: Build): SpecResource[] {
  return order.filter((name) => built.has(name)).map((name) => resourceNamed(model, name));
}

export function isBuilt({ built }: Build, name: string): boolean {
  return built.has(name);
}

/** Rules whose other tables exist. */
export function activeRules(build: Build, resource: SpecResource): SpecRule[] {
  return resource.rules.filter((rule) => resourcesNeededBy(rule).every((name) => build.built.has(name)));
}

/** Fields of a row as far as they exist: a count waits for the table that it counts. */
export function activeFields(build: Build, resource: SpecResource): SpecField[] {
  const counts = rulesOf(resource, 'count');
  return resource.fields.filter(
    ({ source, name }) => source !== 'count' || counts.some((rule) => rule.field === name && build.built.has(rule.of)),
  );
}

/** True when the table of `target` is created after that of `resource`: its migration adds the foreign key. */
export function isDeferred({ order }: Build, resource: SpecResource, target: string): boolean {
  return order.indexOf(target) > order.indexOf(resource.name);
}

function dependenciesOf(model: SpecModel, resource: SpecResource, userName: string | null): string[] {
  const targets = resource.fields.flatMap(({ type }) => (type.kind === 'reference' ? [type.target] : []));
  const ends = resource.link ? [resource.link.left, resource.link.right] : [];
  const parents = resource.endpoints.flatMap((endpoint) => endpoint.params.map((param) => param.resource));
  const users = userName === null || resource.name === userName ? [] : [userName];
  const names = [...users, ...targets, ...ends, ...parents].filter((name) => name !== resource.name);
  return names.filter((name) => model.resources.some((other) => other.name === name));
}

/** In a cycle a link never goes first: its key needs both ends. */
function breakCycle(model: SpecModel, names: readonly string[]): string {
  const entity = names.find((name) => resourceNamed(model, name).link === null);
  return entity ?? (names[0] as string);
}
