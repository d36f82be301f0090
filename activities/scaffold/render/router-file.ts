/**
 * `app/routers/v1/<resources>.py`: one route per endpoint; each declares every error that it can answer with.
 */

import type { SpecEndpoint } from '../spec-endpoints.js';
import { resourceNamed, rulesOf, rulesOn, type SpecResource } from '../spec-model.js';
import type { RuleOf } from '../spec-rules.js';
import { activeRules, type Build, builtResources } from './build.js';
import { ofFamily } from './checks.js';
import { isRestricted } from './deletion.js';
import { listEndpoints, listUse } from './lists.js';
import { enumName, functionName, literalsOf, namesOf } from './names.js';
import { pyString, sentence } from './python-text.js';
import { isRolePermit, refusalOf } from './rule-methods.js';
import { actionClass } from './schema-file.js';
import { renderTemplate } from './template.js';

export function routerFile(build: Build, resource: SpecResource): string {
  const users = resourceNamed(build.model, build.userName);
  const roleField = build.model.auth.role_field;
  const routes = routesInOrder(resource).map((endpoint) => routeView(build, resource, endpoint));
  return renderTemplate('resource/router.py', {
    ...namesOf(resource),
    title: resource.title,
    routes,
    permits: rolePermits(build, resource).map((rule) => permitView(build, resource, rule)),
    user: { ...namesOf(users), roleEnum: roleField ? enumName(users, roleField) : null },
    models: builtResources(build).map(namesOf),
    schemas: schemaImports(build, resource),
  });
}

/** Common start of every path: `/api/v1`, or nothing when the paths don't agree on one. */
export function apiPrefix(build: Build): string {
  const paths = build.model.resources.flatMap(({ endpoints }) => endpoints.map(({ path }) => path));
  const prefix = /^(\/api)?(\/v[0-9]+)?(?=\/)/.exec(paths[0] ?? '')?.[0] ?? '';
  return paths.every((path) => path.startsWith(`${prefix}/`)) ? prefix : '';
}

/** Fixed paths before parameters, else `/users/me` would be read as an id. */
function routesInOrder({ endpoints }: SpecResource): SpecEndpoint[] {
  const later = ({ path }: SpecEndpoint) => path.split('/').findIndex((part) => part.startsWith('{')) + 1 || 99;
  return endpoints
    .map((endpoint, at) => ({ endpoint, at }))
    .sort((a, b) => later(b.endpoint) - later(a.endpoint) || a.at - b.at)
    .map(({ endpoint }) => endpoint);
}

function rolePermits(build: Build, resource: SpecResource): RuleOf<'permit'>[] {
  return build.model.auth.role_field === null ? [] : ofFamily(resource.rules, 'permit').filter(isRolePermit);
}

function permitName(build: Build, resource: SpecResource, rule: RuleOf<'permit'>): string {
  const roles = rule.allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
  const name = `require_${roles
    .join('_or_')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')}`;
  const same = rolePermits(build, resource).filter((other) => {
    const others = other.allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
    return others.join() === roles.join();
  });
  const at = same.findIndex(({ id }) => id === rule.id);
  return at <= 0 ? name : `${name}_${at + 1}`;
}

function permitView(build: Build, resource: SpecResource, rule: RuleOf<'permit'>) {
  const users = resourceNamed(build.model, build.userName);
  const roles = rule.allow.flatMap((grant) => (grant.kind === 'role' ? grant.roles : []));
  return {
    name: permitName(build, resource, rule),
    roles: literalsOf(users, build.model.auth.role_field ?? '', roles).join(', '),
    refusal: refusalOf(build, rule.refusal),
    detail: pyString(rule.refusal.message),
    code: rule.refusal.error_code === build.model.errors.codes.forbidden ? null : pyString(rule.refusal.error_code),
  };
}

function routeView(build: Build, resource: SpecResource, endpoint: SpecEndpoint) {
  const rows = namesOf(resourceNamed(build.model, endpoint.rows));
  const permit = rolePermits(build, resource).find(({ endpoints }) => endpoints.includes(endpoint.id));
  const body = bodyOf(resource, endpoint);
  const errors = errorsOf(build, resource, endpoint);
  const list = 'list' in endpoint ? listUse(build, resource, endpoint).query.className : null;
  return {
    name: functionName(build, resource, endpoint),
    method: endpoint.method.toLowerCase(),
    options: [
      pyString(endpoint.path.slice(apiPrefix(build).length)),
      ...(endpoint.status === 200 ? [] : [`status_code=${endpoint.status}`]),
      ...responseModel(endpoint, `${rows.className}Read`),
      ...(errors.length === 0 ? [] : [`responses=error_responses(${errors.join(', ')})`]),
      ...(permit ? [`dependencies=[Depends(${permitName(build, resource, permit)})]`] : []),
    ],
    summary: sentence(endpoint.summary),
    parameters: [
      ...endpoint.params.map(({ name }) => `${name}: PathId`),
      ...(body ? [`data: ${body.className}`] : []),
      ...(list ? [`query: Annotated[${list}, Query()]`] : []),
    ],
    argumentList: [
      ...endpoint.params.map(({ name }) => name),
      ...(body ? body.argumentList : []),
      ...(list ? ['query'] : []),
    ].join(', '),
    awaited: endpoint.kind !== 'me',
    location: locationOf(build, resource, endpoint),
    rows,
    row: rows.row,
    returns: endpoint.returns,
  };
}

function responseModel({ returns }: SpecEndpoint, read: string): string[] {
  if (returns === 'row') return [`response_model=${read}`];
  if (returns === 'page') return [`response_model=Page[${read}]`];
  return returns === 'rows' ? [`response_model=list[${read}]`] : [];
}

function bodyOf(resource: SpecResource, endpoint: SpecEndpoint): { className: string; argumentList: string[] } | null {
  switch (endpoint.kind) {
    case 'create':
    case 'nested_create':
      return { className: `${resource.class_name}Create`, argumentList: ['data'] };
    case 'update':
      return { className: `${resource.class_name}Update`, argumentList: ['data'] };
    case 'set_field':
    case 'assign':
      return { className: actionClass(resource, endpoint), argumentList: [`data.${endpoint.field}`] };
    case 'bulk_set':
      return {
        className: actionClass(resource, endpoint),
        argumentList: [`data.${endpoint.ids_param}`, `data.${endpoint.field}`],
      };
    case 'link_add':
      return { className: actionClass(resource, endpoint), argumentList: [`data.${endpoint.ids_param}`] };
    default:
      return null;
  }
}

/** Where a created row can be read. */
function locationOf(build: Build, resource: SpecResource, endpoint: SpecEndpoint) {
  if (endpoint.kind !== 'create' && endpoint.kind !== 'nested_create') return null;
  const get = resource.endpoints.find(({ kind }) => kind === 'get');
  const param = get?.params[0];
  if (!get || !param || get.params.length > 1) return null;
  return { route: functionName(build, resource, get), param: param.name };
}

function errorsOf(build: Build, resource: SpecResource, endpoint: SpecEndpoint): number[] {
  const rules = rulesOn(resource, endpoint).filter((rule) => activeRules(build, resource).includes(rule));
  const refusals = rules.flatMap(({ refusal }) => (refusal ? [refusal.status] : []));
  const writes = endpoint.kind === 'create' || endpoint.kind === 'nested_create' || endpoint.kind === 'update';
  const errors = new Set<number>(refusals);
  if (bodyOf(resource, endpoint)) errors.add(400);
  if (endpoint.params.length > 0 || endpoint.kind === 'bulk_set') errors.add(404);
  const constrained = rulesOf(resource, 'unique').length + rulesOf(resource, 'no_overlap').length > 0;
  if ((writes || endpoint.kind === 'action') && constrained) errors.add(409);
  if (endpoint.kind === 'update' && rulesOf(resource, 'field_permit').length > 0) errors.add(403);
  if (endpoint.kind === 'delete' && isRestricted(build, resource)) errors.add(409);
  if (endpoint.kind === 'link_add' && !rules.some(({ family }) => family === 'link_idempotent')) errors.add(409);
  return [...errors].sort((a, b) => a - b);
}

/** Schema classes of every resource that a route may name; unused imports are dropped afterwards. */
function schemaImports(build: Build, resource: SpecResource) {
  const own = resource.endpoints.flatMap((endpoint) => bodyOf(resource, endpoint)?.className ?? []);
  const queries = listEndpoints(resource).map((endpoint) => listUse(build, resource, endpoint).query);
  const reads = builtResources(build)
    .filter(({ link }) => link === null)
    .map((other) => ({ module: namesOf(other).module, name: `${other.class_name}Read` }));
  return [
    ...own.map((name) => ({ module: namesOf(resource).module, name })),
    ...queries.map(({ className, owner }) => ({ module: namesOf(owner).module, name: className })),
    ...reads,
  ];
}
