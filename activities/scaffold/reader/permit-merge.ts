/**
 * Makes the rules of a resource agree: grants added to permits, repeats dropped, contradictions reported with both
 * lines. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Grant, RuleOf, SpecRule } from '../spec-rules.js';
import type { DraftModel, DraftResource } from './spec-draft.js';
import { joinedGrants } from './vocabulary.js';

/** Brings every resource's rules into their final form, in the order of the spec. */
export function mergeRules(draft: DraftModel): void {
  for (const resource of draft.resources) {
    resource.rules = withoutRepeats([...resource.rules].sort((a, b) => a.line - b.line));
    resource.rules = widened(resource, draft);
    reportPermits(resource, draft);
    reportOpposites(resource, draft);
  }
}

const meaning = ({ line: _line, sentence: _sentence, id: _id, ...rest }: SpecRule): unknown => rest;

function withoutRepeats(rules: readonly SpecRule[]): SpecRule[] {
  const kept: SpecRule[] = [];
  for (const rule of rules) {
    if (kept.some((other) => isDeepStrictEqual(meaning(other), meaning(rule)))) continue;
    const taken = kept.filter((other) => other.id === rule.id || other.id.startsWith(`${rule.id}-n`)).length;
    kept.push(taken === 0 ? rule : { ...rule, id: `${rule.id.slice(0, 74)}-n${taken + 1}` });
  }
  return kept;
}

const key = (allow: readonly Grant[]): string => JSON.stringify(allow);

/** Adds extra grants; a permit that is only widened for some of its endpoints is split. */
function widened(resource: DraftResource, draft: DraftModel): SpecRule[] {
  const extras = draft.extras.filter((extra) => extra.owner === resource);
  if (extras.length === 0) return resource.rules;
  return resource.rules.flatMap((rule): SpecRule[] => {
    if (rule.family !== 'permit') return [rule];
    const groups = new Map<string, RuleOf<'permit'>>();
    for (const endpoint of rule.endpoints) {
      const more = extras.filter((extra) => extra.endpoints.includes(endpoint)).flatMap((extra) => extra.allow);
      const allow = unique([...rule.allow, ...more]);
      const group = groups.get(key(allow));
      const id = groups.size === 0 ? rule.id : `${rule.id.slice(0, 74)}-w${groups.size + 1}`;
      groups.set(
        key(allow),
        group ? { ...group, endpoints: [...group.endpoints, endpoint] } : { ...rule, id, endpoints: [endpoint], allow },
      );
    }
    return [...groups.values()];
  });
}

function unique(allow: readonly Grant[]): Grant[] {
  const seen = new Map(joinedGrants(allow).map((grant) => [JSON.stringify(grant), grant]));
  return [...seen.values()];
}

/** Two permits on one endpoint that allow different people. Equal ones are reduced to the first. */
function reportPermits(resource: DraftResource, draft: DraftModel): void {
  const first = new Map<string, RuleOf<'permit'>>();
  resource.rules = resource.rules.flatMap((rule): SpecRule[] => {
    if (rule.family !== 'permit') return [rule];
    const endpoints = rule.endpoints.filter((endpoint) => {
      const before = first.get(endpoint);
      if (!before) first.set(endpoint, rule);
      else if (key(before.allow) !== key(rule.allow)) contradiction(draft, before, rule, `who may use ${endpoint}`);
      return !before;
    });
    return endpoints.length > 0 ? [{ ...rule, endpoints }] : [];
  });
}

/** Rules of one family over the same thing that answer differently. */
function reportOpposites(resource: DraftResource, draft: DraftModel): void {
  const seen = new Map<string, SpecRule>();
  for (const rule of resource.rules) {
    const about = subject(rule);
    const before = about ? seen.get(about) : undefined;
    if (about && !before) seen.set(about, rule);
    if (before && !isDeepStrictEqual(meaning(before), meaning(rule)))
      contradiction(draft, before, rule, 'the same thing');
  }
}

function subject(rule: SpecRule): string | null {
  switch (rule.family) {
    case 'unique':
      return `unique ${[...rule.fields].sort().join()} ${JSON.stringify(rule.where)}`;
    case 'not_past':
    case 'reference_active':
      return `${rule.family} ${rule.field}`;
    case 'stamp':
      return `stamp ${rule.field} ${rule.when.value}`;
    case 'on_delete':
      return `on_delete ${rule.child} ${rule.field}`;
    case 'soft_delete':
      return 'soft_delete';
    case 'no_overlap':
      return `no_overlap ${rule.per}`;
    default:
      return null;
  }
}

function contradiction(draft: DraftModel, before: SpecRule, rule: SpecRule, about: string): void {
  draft.problems.push({
    line: rule.line,
    message: `Lines ${before.line} and ${rule.line} contradict each other about ${about}: "${before.sentence}" and "${rule.sentence}".`,
    cure: 'Keep one of the two, or say both in one sentence.',
  });
}
