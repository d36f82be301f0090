/**
 * The files that every project has: settings, database, errors, pages, sign-in, health, migrations, test fixtures.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../../config/locations.js';
import { resourceNamed, rulesOf, type SpecField, type SpecModel } from '../spec-model.js';
import { type Build, builtResources } from './build.js';
import { hasTimestampMixin } from './columns.js';
import { enumName, namesOf } from './names.js';
import { apiPrefix } from './router-file.js';
import { isRolePermit } from './rule-methods.js';
import { hasService } from './service-file.js';
import { renderTemplate, templatesIn } from './template.js';

/** Rendered core files by path, not yet formatted. */
export function coreFiles(build: Build): Map<string, string> {
  const view = coreView(build);
  return new Map(templatesIn('core').map((file) => [file.replace(/^_/, ''), renderTemplate(`core/${file}`, view)]));
}

export function coreView(build: Build) {
  const { model } = build;
  const resources = builtResources(build);
  const rolePermits = resources.flatMap((resource) => rulesOf(resource, 'permit').filter(isRolePermit));
  const maxPageSize = Math.max(100, ...lists(model).map(({ page_size }) => page_size.max));
  return {
    projectName: model.project.name,
    slug: model.project.slug,
    databaseName: model.project.slug.replaceAll('-', '_'),
    overview: model.project.overview,
    authMode: model.auth.default_mode,
    keys: model.errors.keys,
    codes: model.errors.codes,
    page: model.page,
    maxPageSize,
    maxPage: Math.floor(2 ** 31 / maxPageSize / 1_000_000) * 1_000_000,
    requireOffset: model.validation.require_offset,
    trimText: model.validation.trim_text,
    rejectUnknown: model.validation.reject_unknown_fields,
    roleChecks: model.auth.role_field !== null && rolePermits.length > 0,
    roleCodes: rolePermits.some(({ refusal }) => refusal.error_code !== model.errors.codes.forbidden),
    built: resources.map(namesOf),
    routed: resources.filter(hasService).map(namesOf),
    apiPrefix: apiPrefix(build),
    user: userView(build),
    requirements: requirements(),
    ...usesOf(model),
  };
}

/** What the spec as a whole needs, so that shared modules hold that and no more. */
function usesOf(model: SpecModel) {
  const fields = model.resources.flatMap((resource) => resource.fields);
  const endpoints = model.resources.flatMap((resource) => resource.endpoints);
  const kinds = new Set<string>(fields.map(({ type }) => type.kind));
  const filters = filterFieldKinds(model);
  const isSent = ({ source, create, update }: SpecField) => source === 'client' && (create !== 'never' || update);
  return {
    uses: {
      datetime: kinds.has('datetime'),
      date: kinds.has('date'),
      email: kinds.has('email'),
      hex_colour: kinds.has('hex_colour'),
      enum: kinds.has('enum'),
      queryId: filters.has('reference'),
      queryInt: filters.has('integer'),
      count: endpoints.some(({ returns }) => returns === 'count'),
    },
    timestamps: model.resources.some(hasTimestampMixin),
    anyUpdate: endpoints.some(({ kind }) => kind === 'update'),
    softDelete: model.resources.some(({ soft_delete }) => soft_delete?.kind === 'timestamp'),
    bodyReferences: fields.some((field) => field.type.kind === 'reference' && isSent(field)),
    linkAdds: endpoints.some(({ kind }) => kind === 'link_add'),
  };
}

/** The signed-in user, once there is a table of users. */
export function userView(build: Build) {
  if (!build.built.has(build.userName)) return null;
  const resource = resourceNamed(build.model, build.userName);
  const { active_field, role_field } = build.model.auth;
  return {
    ...namesOf(resource),
    activeField: active_field,
    roleField: role_field,
    roleEnum: role_field === null ? null : enumName(resource, role_field),
    timestampDelete: resource.soft_delete?.kind === 'timestamp',
  };
}

function lists(model: SpecModel) {
  return model.resources.flatMap(({ endpoints }) => endpoints.flatMap((e) => ('list' in e ? [e.list] : [])));
}

function filterFieldKinds(model: SpecModel): Set<string> {
  return new Set(
    model.resources.flatMap(({ endpoints }) =>
      endpoints.flatMap((endpoint) => {
        if (!('list' in endpoint)) return [];
        const rows = resourceNamed(model, endpoint.rows);
        return endpoint.list.filters.flatMap(
          ({ field }) => rows.fields.find(({ name }) => name === field)?.type.kind ?? [],
        );
      }),
    ),
  );
}

/** Every package, pinned; resolved once with uv for Python 3.11 and later. */
function requirements(): string {
  const file = path.join(packageRoot, 'activities', 'scaffold', 'requirements', 'requirements.txt');
  return readFileSync(file, 'utf8').trimEnd();
}
