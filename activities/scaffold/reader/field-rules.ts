/**
 * Rules that the lines of fields carry (unique, only through, count, set by the server), read once the endpoints are
 * known. Pure. What can't be made into a rule is left in the field's `unknown`.
 */

import { actingReading } from './families-effect.js';
import { uniqueReading } from './families-unique.js';
import { type Reading, ruleBase, type Scope } from './rule-family.js';
import { type DraftField, type DraftModel, type DraftResource, referencesOf, userResource } from './spec-draft.js';
import { slugPart } from './spec-names.js';
import { thing } from './vocabulary.js';

/** Adds the rules of every field line to its resource. */
export function readFieldRules(draft: DraftModel): void {
  for (const resource of draft.resources) {
    for (const field of resource.fields) {
      const scope: Scope = { draft, resource, line: field.line, sentence: field.text, status: null, code: null };
      take(field.unique ? uniqueOf(scope, resource, field) : null);
      if (field.through !== null)
        take(onlyThrough(scope, resource, field) ?? lost(field, `changed only through ${field.through}`));
      if (field.count !== null) take(countOf(scope, resource, field) ?? lost(field, `number of ${field.count}`));
    }
  }
}

/** What the server sets without a rule saying how: times by name, the acting user; after the sentences were read. */
export function completeServerFields(draft: DraftModel): void {
  for (const resource of draft.resources) {
    for (const field of resource.fields) {
      if (field.stamp === null && field.type?.kind === 'datetime' && !field.stamped) timeByName(field);
      const open =
        field.server && !field.key && !field.user && !field.stamped && field.stamp === null && field.count === null;
      if (open) completeServerField(draft, resource, field);
    }
  }
}

function take(reading: Reading | null): void {
  for (const { owner, rule } of reading?.rules ?? []) owner.rules.push(rule);
  reading?.apply?.();
}

function lost(field: DraftField, words: string): null {
  field.unknown.push(words);
  field.through = null;
  return null;
}

function uniqueOf(scope: Scope, resource: DraftResource, field: DraftField): Reading | null {
  const unique = field.unique;
  field.unique = null;
  const reading = unique && uniqueReading(scope, resource, [field], unique.caseInsensitive);
  field.unique = unique;
  return reading;
}

function onlyThrough(scope: Scope, resource: DraftResource, field: DraftField): Reading | null {
  const setters = resource.endpoints.filter(
    (endpoint) =>
      'field' in endpoint &&
      endpoint.field === field.name &&
      ['set_field', 'assign', 'bulk_set', 'action'].includes(endpoint.kind),
  );
  const words = slugPart(field.through ?? '').split('-');
  const actions = /^actions?$/.test(field.through ?? '');
  const known = setters.some(
    (endpoint) =>
      (actions && endpoint.kind === 'action') ||
      words.some((word) => word !== '' && slugPart(endpoint.path).includes(word)),
  );
  if (!known) return null;
  if (setters.every((endpoint) => endpoint.kind === 'action') && field.default !== undefined) field.createNever = true;
  const base = ruleBase(scope, resource, field.name, 'only-through');
  const endpoints = setters.map((endpoint) => endpoint.id);
  return {
    rules: [
      { owner: resource, rule: { ...base, refusal: null, family: 'only_through', field: field.name, endpoints } },
    ],
  };
}

/** `tasks with this tag` / `books` -> rows, or links, that refer to this resource. */
function countOf(scope: Scope, resource: DraftResource, field: DraftField): Reading | null {
  const words = (field.count ?? '').toLowerCase().replace(/\b(?:the|a|an)\b /g, '');
  const name =
    /^(?:its )?([\w-]+(?: [\w-]+)?)(?: (?:with|of|in|on|by|for|have|has|carry|use|using|that|which)\b.*)?$/.exec(
      words,
    )?.[1];
  const rows = name ? (thing(scope.draft, name) ?? thing(scope.draft, name.split(' ')[0] ?? '')) : null;
  if (!rows) return null;
  const link = scope.draft.resources.find(
    ({ link: sides }) =>
      sides && [sides.left, sides.right].includes(rows.name) && [sides.left, sides.right].includes(resource.name),
  );
  const of = link ?? rows;
  const references = referencesOf(of, resource.name);
  const [through] = references;
  if (!through || references.length > 1) return null;
  const base = ruleBase(scope, resource, field.name);
  return {
    rules: [
      {
        owner: resource,
        rule: { ...base, refusal: null, family: 'count', field: field.name, of: of.name, through: through.name },
      },
    ],
  };
}

function timeByName(field: DraftField): void {
  const created = /^(?:created_at|created_on|created|inserted_at)$/.test(field.name);
  const updated = /^(?:updated_at|updated_on|updated|modified_at|last_modified)$/.test(field.name);
  if (!created && !updated) return;
  field.stamp = created ? 'created' : 'updated';
  const note = `'${field.name}' is set by the server when the row is ${created ? 'created' : 'changed'}`;
  if (!field.server) field.guesses.push({ rule: 'time-by-name', note });
  field.server = true;
}

function completeServerField(draft: DraftModel, resource: DraftResource, field: DraftField): void {
  const users = userResource(draft);
  if (users && field.type?.kind === 'reference' && field.type.target === users.name) {
    const scope: Scope = { draft, resource, line: field.line, sentence: field.text, status: null, code: null };
    field.guesses.push({ rule: 'server-sets-acting-user', note: `'${field.name}' is the acting user on create` });
    take(actingReading(scope, resource, field));
    return;
  }
  field.unknown.push('set by the server, and no sentence says to what');
  field.stamped = true;
  field.nullable = true;
}
