/**
 * The shapes of paths that are understood, and which endpoint each makes. Pure; one function a shape.
 */
import type { EndpointDetail, EndpointLine, PathShape } from './endpoint-line.js';
import {
  type DraftField,
  type DraftModel,
  type DraftResource,
  type Guess,
  referencesOf,
  userResource,
} from './spec-draft.js';
import { labelOf, slugPart, spoken } from './spec-names.js';
import { stepOf } from './state-step.js';

export type ShapeReading =
  | {
      readonly kind: 'read';
      readonly owner: DraftResource;
      readonly id: string;
      readonly detail: EndpointDetail;
      readonly guesses: readonly Guess[];
    }
  | { readonly kind: 'left'; readonly note: string };

const left = (note: string): ShapeReading => ({ kind: 'left', note });

/** Options are filled in when every list section has been read. */
const NO_LIST = null;

function read(
  owner: DraftResource,
  verb: string,
  detail: EndpointDetail,
  guesses: readonly Guess[] = [],
): ShapeReading {
  return { kind: 'read', owner, id: `${slugPart(owner.name)}-${slugPart(verb)}`.slice(0, 79), detail, guesses };
}

/** Which endpoint a method and a path make. */
export function shapeOf(written: EndpointLine, shape: PathShape, draft: DraftModel): ShapeReading {
  const [first, second, third, fourth, more] = shape.parts;
  if (!first || more) return left('paths of this depth are not compiled');
  if (!first.resource || second?.text === 'me' || second?.text === 'profile') return meShape(written, shape, draft);
  if (!second) return collectionShape(written, first.resource);
  if (!second.parameter)
    return third ? left('an action on a collection takes one word') : bulkShape(written, first.resource, second.text);
  if (!third) return itemShape(written, first.resource);
  if (third.parameter) return left('two ids in a row name nothing');
  if (fourth && !fourth.parameter) return left('paths of this depth are not compiled');
  if (third.resource) return nestedShape(written, first.resource, third.resource, fourth !== undefined, draft);
  return fourth ? left('paths of this depth are not compiled') : actionShape(written, first.resource, third.text);
}

function meShape(written: EndpointLine, shape: PathShape, draft: DraftModel): ShapeReading {
  const users = userResource(draft);
  const last = shape.parts.at(-1)?.text;
  if (!users || written.method !== 'GET' || (last !== 'me' && last !== 'profile')) {
    return left('only GET …/me is compiled for the current user');
  }
  return read(users, 'me', { kind: 'me', rows: users.name });
}

function collectionShape(written: EndpointLine, resource: DraftResource): ShapeReading {
  const rows = resource.name;
  if (written.method === 'GET') return read(resource, 'list', { kind: 'list', rows, list: NO_LIST });
  if (written.method === 'POST') return read(resource, 'create', { kind: 'create', rows });
  return left(`${written.method} on a whole collection is not compiled`);
}

function itemShape(written: EndpointLine, resource: DraftResource): ShapeReading {
  const rows = resource.name;
  if (written.method === 'GET') return read(resource, 'get', { kind: 'get', rows });
  if (written.method === 'DELETE') return read(resource, 'delete', { kind: 'delete', rows });
  if (written.method === 'POST') return left('POST on one row is not compiled; PATCH updates it');
  const put: Guess = { rule: 'put-as-patch', note: 'PUT changes the fields that are sent, like PATCH' };
  const second = resource.endpoints.some(
    (endpoint) => endpoint.kind === 'update' && endpoint.method !== written.method,
  );
  return read(resource, second ? 'replace' : 'update', { kind: 'update', rows }, written.method === 'PUT' ? [put] : []);
}

/** `POST /tasks/bulk-status`, `/tasks/bulk/status`, `/tasks/bulk-update` (the field is in the description). */
function bulkShape(written: EndpointLine, resource: DraftResource, word: string): ShapeReading {
  const match = /^(?:bulk|batch)(?:[-_](.+))?$/.exec(word) ?? /^(.+)[-_](?:bulk|batch)$/.exec(word);
  if (!match || written.method === 'GET' || written.method === 'DELETE') {
    return left(`'${word}' is no action that compiles; 'bulk-<field>' sets one field of many rows`);
  }
  const field = fieldCalled(resource, match[1] ?? '') ?? fieldInWords(resource, written.description);
  if (!field) return left('a bulk update names the field that it sets, as in bulk-status');
  const max = /\b(?:up to|at most|max(?:imum)?(?: of)?)\s+(\d{1,4})\b/i.exec(written.description);
  const guess: Guess = { rule: 'bulk-limit', note: 'at most 100 ids at once' };
  return read(
    resource,
    `bulk-${labelOf(field.name)}`,
    {
      kind: 'bulk_set',
      rows: resource.name,
      field: field.name,
      ids_param: `${resource.singular}_ids`,
      max: max ? Number(max[1]) : 100,
    },
    max ? [] : [guess],
  );
}

function fieldCalled(resource: DraftResource, word: string): DraftField | undefined {
  const name = word.toLowerCase().replaceAll('-', '_');
  return resource.fields.find((field) => field.name === name || field.name === `${name}_id`);
}

function fieldInWords(resource: DraftResource, description: string): DraftField | undefined {
  const words = ` ${description.toLowerCase()} `;
  return resource.fields.find(
    (field) => words.includes(` ${spoken(field.name)} `) || words.includes(` ${field.name} `),
  );
}

/** `PATCH /tasks/{id}/status` sets a field, `/assign` a reference whose label the verb begins. */
function actionShape(written: EndpointLine, resource: DraftResource, word: string): ShapeReading {
  if (written.method === 'GET' || written.method === 'DELETE') return left(`'${word}' names no resource and no field`);
  const field = fieldCalled(resource, word);
  const rows = resource.name;
  if (field && field.type?.kind !== 'reference') {
    return read(resource, `set-${word}`, { kind: 'set_field', rows, field: field.name });
  }
  const verb = word.toLowerCase().replace(/-?(?:to|ment|ee)$/, '');
  const reference =
    field ?? referencesOf(resource).find((one) => verb.length > 3 && labelOf(one.name).startsWith(verb));
  if (reference) return read(resource, slugPart(word), { kind: 'assign', rows, field: reference.name });
  const step =
    written.method === 'POST' || written.method === 'PATCH' ? stepOf(resource, word, written.description) : null;
  if (step) {
    const detail: EndpointDetail = { kind: 'action', rows, field: step.field, value: step.to };
    return read(resource, slugPart(word), detail, step.guesses);
  }
  const fields = resource.fields.filter((one) => one.type?.kind === 'enum').map((one) => one.name);
  return left(
    `'${word}' is no field of ${resource.name}; /<field> sets one${fields.length ? ` (${fields.join(', ')})` : ''}`,
  );
}

function nestedShape(
  written: EndpointLine,
  parent: DraftResource,
  child: DraftResource,
  withId: boolean,
  draft: DraftModel,
): ShapeReading {
  const link = draft.resources.find(
    ({ link: sides }) =>
      sides && [sides.left, sides.right].includes(parent.name) && [sides.left, sides.right].includes(child.name),
  );
  if (link) return linkShape(written, link, parent, child, withId);
  if (withId) return left(`a single row is reached as /${child.name.replaceAll('_', '-')}/{id}`);
  const field = parentField(written, parent, child);
  if (field === null)
    return left(`${child.name} have no reference to ${parent.name}, or several and the words do not say which`);
  if (written.method === 'GET') {
    return read(child, `list-for-${parent.singular}`, {
      kind: 'nested_list',
      rows: child.name,
      parent: parent.name,
      field,
      link: null,
      list: NO_LIST,
    });
  }
  if (written.method !== 'POST') return left(`${written.method} on nested rows is not compiled`);
  return read(child, `create-for-${parent.singular}`, {
    kind: 'nested_create',
    rows: child.name,
    parent: parent.name,
    field,
  });
}

/** The one reference, or the one whose label the description names (`assigned to` -> assignee). */
function parentField(written: EndpointLine, parent: DraftResource, child: DraftResource): string | null {
  const references = referencesOf(child, parent.name);
  if (references.length <= 1) return references[0]?.name ?? null;
  const words = written.description.toLowerCase().split(/[^a-z]+/);
  const fits = references.filter((field) => {
    const stem = labelOf(field.name).replace(/(?:ee|er|or|ed)$/, '');
    return words.some((word) => word.startsWith(stem) && stem.length > 2);
  });
  return fits.length === 1 ? (fits[0]?.name ?? null) : null;
}

function linkShape(
  written: EndpointLine,
  link: DraftResource,
  parent: DraftResource,
  child: DraftResource,
  withId: boolean,
): ShapeReading {
  const sides = link.link;
  if (!sides) return left('not a link');
  const rows = child.name;
  if (sides.left !== parent.name) {
    if (written.method !== 'GET' || withId) return left(`links are changed from the side of ${sides.left}`);
    const detail: EndpointDetail = {
      kind: 'nested_list',
      rows,
      parent: parent.name,
      field: sides.right_field,
      link: link.name,
      list: NO_LIST,
    };
    return read(link, `list-${rows}-for-${parent.singular}`, detail);
  }
  if (written.method === 'GET' && !withId) return read(link, 'list', { kind: 'link_list', rows, list: NO_LIST });
  if (written.method === 'DELETE' && withId) return read(link, 'remove', { kind: 'link_remove', rows });
  if (written.method !== 'POST' || withId) return left(`${written.method} on a link is not compiled`);
  const max = /\b(?:up to|at most|max(?:imum)?(?: of)?)\s+(\d{1,4})\b/i.exec(written.description);
  const guess: Guess = { rule: 'link-limit', note: 'at most 100 ids at once' };
  const detail: EndpointDetail = {
    kind: 'link_add',
    rows,
    ids_param: `${child.singular}_ids`,
    max: max ? Number(max[1]) : 100,
  };
  return read(link, 'add', detail, max ? [] : [guess]);
}
