/**
 * `tests/factories.py`: how tests store rows, with plain values for whatever a test does not care about.
 */
import { fieldNamed, resourceNamed, rulesOf, type SpecField, type SpecResource } from '../spec-model.js';
import type { RuleOf } from '../spec-rules.js';
import { type Build, builtResources, isBuilt } from './build.js';
import { isLinkKey, storedFields } from './columns.js';
import { enumFields, enumName, namesOf } from './names.js';
import { pyString } from './python-text.js';
import { renderTemplate } from './template.js';
import { isLater, modelValue } from './test-values.js';

export function factoriesFile(build: Build): string {
  const resources = builtResources(build);
  const users = resourceNamed(build.model, build.userName);
  return renderTemplate('resource/factories.py', {
    user: namesOf(users),
    factories: resources.map((resource) => ({ ...namesOf(resource), ...factoryView(build, resource) })),
    models: resources.map((resource) => ({
      ...namesOf(resource),
      enums: enumFields(resource).map(({ name }) => enumName(resource, name)),
    })),
  });
}

function factoryView(build: Build, resource: SpecResource) {
  const required = storedFields(resource).filter((field) => isNeeded(field));
  const parents = required.flatMap((field) => {
    if (field.type.kind !== 'reference' || isActorField(build, field)) return [];
    if (!isBuilt(build, field.type.target)) return [];
    const parent = namesOf(resourceNamed(build.model, field.type.target));
    return [{ field: field.name, factory: `create_${parent.module}` }];
  });
  const values = required
    .filter((field) => !parents.some((parent) => parent.field === field.name))
    .map((field) => ({ name: field.name, value: factoryValue(build, resource, field) }));
  return { parents, values, numbered: values.some(({ value }) => /\bnumber\b/.test(value)) };
}

function isNeeded(field: SpecField): boolean {
  if (field.source === 'key' || field.source === 'created' || field.source === 'updated') return false;
  return !field.nullable && (field.default === undefined || field.default === null);
}

/** A reference that the seeded admin stands in for. */
export function isActorField(build: Build, field: SpecField): boolean {
  return field.type.kind === 'reference' && field.type.target === build.userName && field.source !== 'path';
}

function factoryValue(build: Build, resource: SpecResource, field: SpecField): string {
  if (isActorField(build, field) && !isLinkKey(resource, field)) return 'ADMIN_ID';
  const span = rulesOf(resource, 'no_overlap').find(({ start, end }) => [start, end].includes(field.name));
  if (span) return ownTime(resource, field, span);
  if (!isUnique(resource, field)) return modelValue(resource, field, isLater(resource, field) ? 'later' : 0);
  const { type } = field;
  const label = field.name.replaceAll('_', ' ');
  if (type.kind === 'email') return 'f"person{number}@example.com"';
  if (type.kind === 'integer') return 'number';
  if (type.kind === 'string' && type.pattern !== null) return numbered(type.pattern);
  if (type.kind === 'string' || type.kind === 'text') {
    const short = (type.max_length ?? 200) < label.length + 8;
    return short ? 'f"{number}"' : `f${pyString(`${label[0]?.toUpperCase()}${label.slice(1)} {number}`)}`;
  }
  return modelValue(resource, field);
}

/** A day of its own for each row: an hour where it is a time. */
function ownTime(resource: SpecResource, field: SpecField, { start, end }: RuleOf<'no_overlap'>): string {
  const begin = fieldNamed(resource, start);
  const day = `${modelValue(resource, begin ?? field)} + timedelta(days=2 * number)`;
  if (field.name !== end) return day;
  return `overrides.get(${pyString(start)}, ${day}) + timedelta(${field.type.kind === 'date' ? 'days' : 'hours'}=1)`;
}

/** A numbered text that a pattern lets through, when one of these does. */
function numbered(pattern: string): string {
  const whole = new RegExp(`^(?:${pattern})$`);
  const forms: readonly (readonly [string, string])[] = [
    ['item-7', 'f"item-{number}"'],
    ['SKU-0007', 'f"SKU-{number:04}"'],
    ['ITEM7', 'f"ITEM{number}"'],
    ['item7', 'f"item{number}"'],
    ['7', 'f"{number}"'],
    ['0007', 'f"{number:04}"'],
    ['ABC-007', 'f"ABC-{number:03}"'],
  ];
  return forms.find(([sample]) => whole.test(sample))?.[1] ?? 'f"{number}"';
}

function isUnique(resource: SpecResource, field: SpecField): boolean {
  return rulesOf(resource, 'unique').some(({ fields }) => fields.includes(field.name));
}
