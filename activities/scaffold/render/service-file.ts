/**
 * `app/services/<resource>_service.py`: the rules of one resource, one method per endpoint.
 */
import { resourceNamed, rulesOf, type SpecResource } from '../spec-model.js';
import { type Build, builtResources } from './build.js';
import { exclusionName, uniqueName } from './columns.js';
import { listEndpoints, listUse, queriesOf } from './lists.js';
import { enumFields, enumName, namesOf } from './names.js';
import { sentence } from './python-text.js';
import { refusalOf, ruleMethods } from './rule-methods.js';
import { actionClass } from './schema-file.js';
import { selectFunction } from './select-function.js';
import { serviceMethod } from './service-methods.js';
import { renderTemplate } from './template.js';

export function serviceFile(build: Build, resource: SpecResource): string {
  const methods = resource.endpoints.map((endpoint) => serviceMethod(build, resource, endpoint));
  const text = methods.join('\n');
  const rules = ruleMethods(build, resource, (name) => text.includes(`${name}(`));
  const everything = [...methods, ...rules].join('\n');
  return renderTemplate('resource/service.py', {
    ...namesOf(resource),
    models: builtResources(build).map((other) => ({
      ...namesOf(other),
      enums: enumFields(other).map(({ name }) => enumName(other, name)),
    })),
    foreignQueries: foreignQueries(build, resource),
    queryClasses: queriesOf(build, resource).map(({ className }) => className),
    bodies: resource.endpoints.map((endpoint) => actionClass(resource, endpoint)),
    selects: queriesOf(build, resource).map((query) => selectFunction(build, query)),
    methods: methods.map((method) => method.trimEnd()),
    rules: rules.map((rule) => rule.trimEnd()),
    usesActor: everything.includes('self.actor'),
    uniques: everything.includes('self._commit()') ? uniqueViews(build, resource) : [],
  });
}

/** Whether a resource has a service: something must be asked of it. */
export function hasService(resource: SpecResource): boolean {
  return resource.endpoints.length > 0;
}

function uniqueViews(build: Build, resource: SpecResource) {
  const constraints = [
    ...rulesOf(resource, 'unique').map((rule) => ({ rule, constraint: uniqueName(resource, rule) })),
    ...rulesOf(resource, 'no_overlap').map((rule) => ({ rule, constraint: exclusionName(resource, rule) })),
  ];
  return constraints.map(({ rule, constraint }) => ({
    constraint,
    error: refusalOf(build, rule.refusal),
    sentence: sentence(rule.sentence),
  }));
}

/** Queries of other resources that this one lists with. */
function foreignQueries(build: Build, resource: SpecResource) {
  const queries = listEndpoints(resource)
    .map((endpoint) => listUse(build, resource, endpoint).query)
    .filter(({ owner }) => owner.name !== resource.name);
  return queries
    .filter((query, at) => queries.findIndex(({ className }) => className === query.className) === at)
    .map((query) => ({ ...query, module: namesOf(resourceNamed(build.model, query.owner.name)).module }));
}
