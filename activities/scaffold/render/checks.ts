/**
 * The checks of an endpoint as lines of its service method, in the order that spec-rules.ts lays down: permits on the
 * row (6), guards (7), references in the body (8), values (9).
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import { rulesOn, type SpecField, type SpecResource } from '../spec-model.js';
import type { RuleFamily, RuleOf, Scalar, SpecRule } from '../spec-rules.js';
import { activeRules, type Build, isBuilt } from './build.js';
import { namesOf, referenceName } from './names.js';
import { pyString } from './python-text.js';
import { isRolePermit, looksAtRow, methodName, targetOf, throughFields } from './rule-methods.js';

/** Where a method finds what its checks look at. */
export interface CheckScope {
  readonly build: Build;
  readonly resource: SpecResource;
  readonly endpoint: SpecEndpoint;
  /** Variable of the row; null before it exists. */
  readonly row: string | null;
  /** Variables of parents that are loaded already, by reference field. */
  readonly parents: ReadonlyMap<string, string>;
  /** Fields that the body may hold, and the expression that reads each. */
  readonly sent: readonly { readonly field: SpecField; readonly value: string }[];
  /** Variable of the changes of an update, for field permits. */
  readonly changes: string | null;
}

/** Steps 6 and 7: who may, and whether the state allows it. */
export function stateChecks(scope: CheckScope): string[] {
  const rules = endpointRules(scope);
  const permits = ofFamily(rules, 'permit').filter((rule) => !isRolePermit(rule));
  const fieldPermits = scope.changes === null ? [] : ofFamily(activeRules(scope.build, scope.resource), 'field_permit');
  const parents = ofFamily(rules, 'guard_parent').filter(({ through }) => !isSent(scope, through));
  return [
    ...loadedParents(scope, [...permits.flatMap(throughFields), ...parents.map(({ through }) => through)]),
    ...permits.map((rule) => `self.${methodName(scope.resource, rule)}(${permitArguments(scope, rule)})`),
    ...fieldPermits.map(
      (rule) => `self.${methodName(scope.resource, rule)}(${permitArguments(scope, rule)}, ${scope.changes})`,
    ),
    ...ofFamily(rules, 'guard_status').map((rule) => `self.${methodName(scope.resource, rule)}(${scope.row})`),
    ...ofFamily(rules, 'guard_related').map((rule) => `await self.${methodName(scope.resource, rule)}(${scope.row})`),
    ...parents.map((rule) => `self.${methodName(scope.resource, rule)}(${parentOf(scope, rule.through)})`),
  ];
}

/** Steps 8 and 9: what the body refers to, and what its values may be. */
export function valueChecks(scope: CheckScope): string[] {
  const rules = activeRules(scope.build, scope.resource);
  const actives = ofFamily(rules, 'reference_active').filter(({ field }) => isSent(scope, field));
  const guards = ofFamily(endpointRules(scope), 'guard_parent').filter(({ through }) => isSent(scope, through));
  const needed = new Set([...actives.map(({ field }) => field), ...guards.map(({ through }) => through)]);
  const moment = scope.endpoint.kind === 'create' || scope.endpoint.kind === 'nested_create' ? 'create' : 'update';
  const notPast = ofFamily(rules, 'not_past').filter(({ field, on }) => isSent(scope, field) && on.includes(moment));
  return [
    ...scope.sent.flatMap(({ field, value }) => referenceCheck(scope, field, value, needed.has(field.name))),
    ...guards.map((rule) => `self.${methodName(scope.resource, rule)}(${referenceName(rule.through)})`),
    ...actives.map((rule) => `self.${methodName(scope.resource, rule)}(${referenceName(rule.field)})`),
    ...notPast.map((rule) => `self.${methodName(scope.resource, rule)}(${valueOfSent(scope, rule.field)})`),
  ];
}

/**
 * Step 9 after the change, then its effects. `previous` names the value of a field before the change; `known`
 * holds what fields are set to where that is no secret: a stamp that can't happen is left out.
 */
export function afterChange(
  build: Build,
  resource: SpecResource,
  written: readonly string[],
  previous: (field: string) => string,
  known: ReadonlyMap<string, Scalar> = new Map(),
): { checks: string[]; effects: string[] } {
  const { row } = namesOf(resource);
  const rules = activeRules(build, resource);
  const combinations = ofFamily(rules, 'forbidden_combination').filter(({ terms }) =>
    terms.some(({ field }) => written.includes(field)),
  );
  const orders = ofFamily(rules, 'order').filter(({ first, second }) =>
    [first, second].some((name) => written.includes(name)),
  );
  const stamps = ofFamily(rules, 'stamp').filter(({ when, clear_on_leave }) => {
    const other = known.has(when.field) && known.get(when.field) !== when.value;
    return written.includes(when.field) && !(other && !clear_on_leave);
  });
  return {
    checks: [...combinations, ...orders].map((rule) => `self.${methodName(resource, rule)}(${row})`),
    effects: stamps.map((rule) => `self.${methodName(resource, rule)}(${row}, ${previous(rule.when.field)})`),
  };
}

export function ofFamily<F extends RuleFamily>(rules: readonly SpecRule[], family: F): RuleOf<F>[] {
  return rules.filter((rule): rule is RuleOf<F> => rule.family === family);
}

function endpointRules({ build, resource, endpoint }: CheckScope): SpecRule[] {
  const active = activeRules(build, resource);
  return rulesOn(resource, endpoint).filter((rule) => active.includes(rule));
}

function permitArguments(scope: CheckScope, rule: RuleOf<'permit'> | RuleOf<'field_permit'>): string {
  const row = scope.row !== null && (looksAtRow(rule) || rule.family === 'field_permit') ? [scope.row] : [];
  return [...row, ...throughFields(rule).map((field) => parentOf(scope, field))].join(', ');
}

function loadedParents(scope: CheckScope, fields: readonly string[]): string[] {
  return [...new Set(fields)]
    .filter((field) => !scope.parents.has(field))
    .map((field) => {
      const target = targetOf(scope.build, scope.resource, field);
      return `${referenceName(field)} = await get_or_404(self.session, ${target.class_name}, ${scope.row}.${field}, "shared")`;
    });
}

function parentOf(scope: CheckScope, field: string): string {
  return scope.parents.get(field) ?? referenceName(field);
}

function isSent({ sent }: CheckScope, name: string): boolean {
  return sent.some(({ field }) => field.name === name);
}

function valueOfSent({ sent }: CheckScope, name: string): string {
  return sent.find(({ field }) => field.name === name)?.value ?? 'None';
}

function referenceCheck(scope: CheckScope, field: SpecField, value: string, needed: boolean): string[] {
  if (field.type.kind !== 'reference' || !isBuilt(scope.build, field.type.target)) return [];
  const target = targetOf(scope.build, scope.resource, field.name);
  const call = `await get_referenced(self.session, ${target.class_name}, ${value}, ${pyString(field.name)})`;
  return [needed ? `${referenceName(field.name)} = ${call}` : call];
}
