/**
 * `app/models/<resource>.py`: the table, its enums, and its relationships to the tables that exist.
 */
import { resourceNamed, rulesOf, type SpecRelation, type SpecResource } from '../spec-model.js';
import { activeFields, type Build, builtResources, isBuilt } from './build.js';
import { columnsOf, extraDeletedAt, hasTimestampMixin } from './columns.js';
import { exclusionsOf, indexColumns, indexesOf, orderChecks, rangeChecks, uniquesOf } from './constraints.js';
import { enumFields, enumName, namesOf } from './names.js';
import { memberName, pyString } from './python-text.js';
import { renderTemplate } from './template.js';

export function modelFile(build: Build, resource: SpecResource): string {
  const names = namesOf(resource);
  return renderTemplate('resource/model.py', {
    ...names,
    table: resource.name,
    description: resource.description,
    bases: basesOf(build, resource).join(', '),
    enums: enumFields(resource).map(({ name, type }) => ({
      className: enumName(resource, name),
      field: name.replaceAll('_', ' '),
      members: (type.kind === 'enum' ? type.values : []).map((value) => ({ name: memberName(value), value })),
    })),
    tableArguments: tableArguments(build, resource),
    columns: ownColumns(build, resource),
    counts: countsOf(build, resource),
    relationships: relationshipsOf(build, resource),
    others: builtResources(build)
      .filter(({ name }) => name !== resource.name)
      .map(namesOf),
    counted: countsOf(build, resource).map(({ of }) => of),
    deletedAt: resource.soft_delete?.kind === 'timestamp' ? resource.soft_delete.field : null,
  });
}

function basesOf(_build: Build, resource: SpecResource): string[] {
  return [...(hasTimestampMixin(resource) ? ['TimestampMixin'] : []), 'Base'];
}

function ownColumns(build: Build, resource: SpecResource) {
  const mixin = hasTimestampMixin(resource) ? ['created_at', 'updated_at'] : [];
  return columnsOf(build, resource).filter(({ name }) => !mixin.includes(name) || name === extraDeletedAt(resource));
}

function tableArguments(build: Build, resource: SpecResource): string[] {
  const uniques = uniquesOf(resource).map((unique) => {
    if (unique.expressions === null) {
      return `UniqueConstraint(${unique.fields.map(pyString).join(', ')}, name=${pyString(unique.name)})`;
    }
    const where = unique.where ? `, postgresql_where=text(${pyString(unique.where)})` : '';
    return `Index(${pyString(unique.name)}, ${indexColumns(unique, 'text')}, unique=True${where})`;
  });
  const checks = [...rangeChecks(resource), ...orderChecks(resource)].map(
    ({ name, sql }) => `CheckConstraint(${pyString(sql)}, name=${pyString(name)})`,
  );
  const indexes = indexesOf(build, resource)
    .filter(({ atColumn }) => !atColumn)
    .map(({ name, field }) => `Index(${pyString(name)}, ${pyString(field)})`);
  const exclusions = exclusionsOf(resource).map(({ name, per, range, where }) => {
    const elements = `(text(${pyString(per)}), "="), (text(${pyString(range)}), "&&")`;
    return `ExcludeConstraint(${elements}, name=${pyString(name)}${where ? `, where=text(${pyString(where)})` : ''})`;
  });
  return [...uniques, ...checks, ...exclusions, ...indexes];
}

function countsOf(build: Build, resource: SpecResource) {
  const fields = activeFields(build, resource);
  return rulesOf(resource, 'count')
    .filter(({ field }) => fields.some(({ name }) => name === field))
    .map((rule) => {
      const counted = resourceNamed(build.model, rule.of);
      const soft = counted.soft_delete?.kind === 'timestamp' ? counted.soft_delete.field : null;
      return { field: rule.field, of: namesOf(counted), through: rule.through, soft };
    });
}

interface RelationshipView {
  readonly name: string;
  readonly annotation: string;
  readonly options: readonly string[];
}

function relationshipsOf(build: Build, resource: SpecResource): RelationshipView[] {
  return resource.relations
    .filter((relation) => isBuilt(build, relation.target) && (!('link' in relation) || isBuilt(build, relation.link)))
    .map((relation) => relationshipView(build, resource, relation));
}

function relationshipView(build: Build, resource: SpecResource, relation: SpecRelation): RelationshipView {
  const target = resourceNamed(build.model, relation.target);
  if (relation.kind === 'many_to_many') {
    const options = [`secondary=${pyString(relation.link)}`, 'viewonly=True', 'lazy="raise"'];
    return { name: relation.name, annotation: `list["${target.class_name}"]`, options };
  }
  const back = counterpart(resource, target, relation);
  const options = [...(back ? [`back_populates=${pyString(back)}`] : []), 'lazy="raise"'];
  if (relation.kind === 'has_many') {
    options.unshift(`foreign_keys=${pyString(`${target.class_name}.${relation.field}`)}`);
    options.push('passive_deletes="all"');
    return { name: relation.name, annotation: `list["${target.class_name}"]`, options };
  }
  options.unshift(`foreign_keys=[${relation.field}]`);
  if (target.name === resource.name) options.push(`remote_side=${pyString(`${target.class_name}.id`)}`);
  const nullable = resource.fields.find(({ name }) => name === relation.field)?.nullable;
  return { name: relation.name, annotation: `"${target.class_name}${nullable ? ' | None' : ''}"`, options };
}

function counterpart(
  resource: SpecResource,
  target: SpecResource,
  relation: Extract<SpecRelation, { field: string }>,
): string | undefined {
  const wanted = relation.kind === 'belongs_to' ? 'has_many' : 'belongs_to';
  return target.relations.find(
    (other) => other.kind === wanted && other.target === resource.name && other.field === relation.field,
  )?.name;
}
