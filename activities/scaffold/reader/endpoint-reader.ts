/**
 * Reads endpoints: method and path decide the kind, the description only tells between several readings. Pure.
 * A path that no shape matches is left UNRESOLVED, with what would be understood.
 */
import type { EndpointKind, SpecEndpoint } from '../spec-endpoints.js';
import { type EndpointDetail, type EndpointLine, type Method, type PathShape, pathShape } from './endpoint-line.js';
import { shapeOf } from './endpoint-shapes.js';
import { type DraftModel, type DraftResource, type Guess, userResource } from './spec-draft.js';

/** What reading an endpoint gave: the endpoint and the resource it belongs to, or why it is left. */
export type EndpointReading =
  | {
      readonly kind: 'read';
      readonly owner: DraftResource;
      readonly endpoint: SpecEndpoint;
      readonly guesses: readonly Guess[];
    }
  | { readonly kind: 'left'; readonly note: string };

/** Reads one endpoint line against the resources and fields known so far. */
export function readEndpoint(written: EndpointLine & { method: Method }, draft: DraftModel): EndpointReading {
  const shape = pathShape(written.path, draft);
  if (!shape) {
    const known = draft.resources.map((resource) => `/${resource.name.replaceAll('_', '-')}`).join(', ');
    return { kind: 'left', note: `no part of the path names a resource of this spec (${known})` };
  }
  const found = shapeOf(written, shape, draft);
  if (found.kind === 'left') return found;
  return {
    kind: 'read',
    owner: found.owner,
    endpoint: assemble(written, shape, found.owner, found.id, found.detail, draft),
    guesses: found.guesses,
  };
}

const STATUS: Partial<Record<EndpointKind, 200 | 201 | 204>> = {
  create: 201,
  nested_create: 201,
  link_add: 201,
  delete: 204,
  link_remove: 204,
};
const RETURNS: Record<EndpointKind, SpecEndpoint['returns']> = {
  list: 'page',
  create: 'row',
  get: 'row',
  me: 'row',
  update: 'row',
  delete: 'nothing',
  set_field: 'row',
  assign: 'row',
  action: 'row',
  bulk_set: 'count',
  nested_list: 'page',
  nested_create: 'row',
  link_add: 'rows',
  link_remove: 'nothing',
  link_list: 'page',
};

function assemble(
  written: EndpointLine & { method: Method },
  shape: PathShape,
  owner: DraftResource,
  id: string,
  detail: EndpointDetail,
  draft: DraftModel,
): SpecEndpoint {
  const params: { name: string; resource: string }[] = [];
  const path = shape.parts.map((part, index) => {
    if (!part.parameter) return part.text;
    const resource = shape.parts[index - 1]?.resource ?? userResource(draft) ?? owner;
    const name = `${resource.singular}_id`;
    params.push({ name, resource: resource.name });
    return `{${name}}`;
  });
  const summary = written.description.replace(/\s*\([^()]*\)\s*$/, '') || `${id.replaceAll('-', ' ')}`;
  return {
    id,
    method: written.method,
    path: `${shape.prefix}/${path.join('/')}`,
    params,
    status: STATUS[detail.kind] ?? 200,
    returns: RETURNS[detail.kind],
    summary: summary.charAt(0).toUpperCase() + summary.slice(1),
    line: written.line,
    sentence: written.sentence,
    ...detail,
  } as SpecEndpoint;
}
