/**
 * Second pass: every line with a method and a path, wherever it stands, becomes an endpoint of a resource. Also what
 * the description says beside it (`(admin only)`, `soft delete`). Pure.
 */
import { type EndpointLine, endpointLine, expandCrud, METHODS, type Method } from './endpoint-line.js';
import { readEndpoint } from './endpoint-reader.js';
import { softDelete } from './families-effect.js';
import { type DraftModel, type DraftResource, type Guess, unresolved, type Verdict, verdictOf } from './spec-draft.js';
import { spoken } from './spec-names.js';
import type { OutlineItem } from './spec-outline.js';
import type { PlacedItem } from './spec-place.js';
import { participleOf, stepOf } from './state-step.js';

/** A line that is an endpoint, what became of it, and what its description asks beside it. */
export interface EndpointStatement {
  readonly text: string;
  readonly line: number;
  readonly placed: PlacedItem;
  readonly verdict: Verdict;
  /** Sentences to be read as rules, for the resource that owns the endpoint. */
  readonly asides: readonly { readonly text: string; readonly owner: DraftResource }[];
}

/** Endpoint lines of an item: a bullet, each line of a paragraph or plain fence, or a table row. */
function linesOf(item: OutlineItem): EndpointLine[] {
  if (item.kind === 'heading') return [];
  if (item.kind === 'row') return rowLine(item);
  const whole = item.kind === 'bullet' ? endpointLine(item.text, item.line) : null;
  if (whole) return [whole];
  const found = item.text
    .split('\n')
    .map((text, offset) =>
      text.trim() === '' ? 'blank' : endpointLine(text.trim().replace(/^[-*]\s+/, ''), item.line + offset),
    );
  const lines = found.filter((line) => line !== 'blank');
  return lines.every((line) => line !== null) ? lines : [];
}

function rowLine(item: OutlineItem): EndpointLine[] {
  const cells = Object.values(item.cells).map((cell) => cell.replace(/`/g, '').trim());
  const at = cells.findIndex((cell) => METHODS.includes(cell.toUpperCase() as Method));
  const path = cells.findIndex((cell) => /^\/\S*$/.test(cell));
  const text =
    at >= 0 && path >= 0
      ? described(
          `${cells[at]} ${cells[path]}`,
          cells.filter((_, index) => index !== at && index !== path),
        )
      : cells.join(' - ').replace(/ - (\/)/, ' $1');
  const line = endpointLine(text, item.line);
  return line ? [line] : [];
}

const described = (head: string, rest: readonly string[]): string => {
  const words = rest.filter((cell) => cell !== '' && cell !== '-').join(' ');
  return words === '' ? head : `${head} - ${words}`;
};

/** Reads all endpoints; returns a statement for each line. Items that hold none are not mentioned. */
export function readAllEndpoints(
  placed: readonly PlacedItem[],
  draft: DraftModel,
): Map<PlacedItem, EndpointStatement[]> {
  const found = new Map<PlacedItem, EndpointStatement[]>();
  const later: { owner: DraftResource; push: () => void }[] = [];
  for (const one of placed) {
    const lines = one.place.part === 'overview' || one.place.part === 'technology' ? [] : linesOf(one.item);
    if (lines.length > 0)
      found.set(
        one,
        lines.map((line) => readLine(line, one, draft, later)),
      );
  }
  for (const { push } of later) push();
  return found;
}

function readLine(
  line: EndpointLine,
  placed: PlacedItem,
  draft: DraftModel,
  later: { owner: DraftResource; push: () => void }[],
): EndpointStatement {
  const statement = { text: line.sentence, line: line.line, placed };
  const guesses: Guess[] = [];
  const asides: { text: string; owner: DraftResource }[] = [];
  for (const written of expandCrud(line)) {
    const reading = readEndpoint(written, draft);
    if (reading.kind === 'left') return { ...statement, verdict: unresolved(reading.note), asides: [] };
    const { owner, endpoint } = reading;
    const twin = draft.resources
      .flatMap((resource) => resource.endpoints)
      .find((one) => one.id === endpoint.id || (one.path === endpoint.path && one.method === endpoint.method));
    if (twin && (twin.path !== endpoint.path || twin.method !== endpoint.method)) {
      return {
        ...statement,
        verdict: unresolved(`does the same as ${twin.method} ${twin.path} of line ${twin.line}`),
        asides: [],
      };
    }
    if (twin) continue;
    const push = (): void => {
      owner.endpoints.push(endpoint);
    };
    if (owner === placed.place.resource || !placed.place.resource) push();
    else later.push({ owner, push });
    guesses.push(...reading.guesses, ...unusedWords(written, owner, draft));
    asides.push(...asidesOf(written, owner, endpoint.kind, draft));
  }
  return { ...statement, verdict: verdictOf('endpoint', guesses), asides };
}

const VERB_OF: Readonly<Record<string, string>> = {
  list: 'list',
  nested_list: 'list',
  get: 'read',
  create: 'create',
  nested_create: 'create',
  update: 'update',
  set_field: 'update',
  assign: 'assign',
  bulk_set: 'update',
  delete: 'delete',
  link_add: 'add',
  link_remove: 'remove',
};

/** `(admin only)` -> a permit; `soft delete` -> a soft delete. */
function asidesOf(
  written: EndpointLine,
  owner: DraftResource,
  kind: string,
  draft: DraftModel,
): { text: string; owner: DraftResource }[] {
  const asides = startsOf(written, owner, kind);
  const inner = /[([]([^()[\]]+)[)\]]\s*$/.exec(written.description)?.[1] ?? '';
  const who = /^(?:only (.+)|(.+?) only|requires (.+?)(?: role)?)$/i.exec(inner.trim());
  const verb = VERB_OF[kind];
  const what = owner.link ? spoken(owner.link.right) : spoken(owner.name);
  if (who && verb) asides.push({ text: `Only ${who[1] ?? who[2] ?? who[3]} can ${verb} ${what}`, owner });
  else if (
    inner !== '' &&
    !/^(?:paginated|\d{3}.*|optional|public|current user|soft delete|bulk|partial|.*up to \d+.*)$/i.test(inner)
  ) {
    asides.push({ text: inner, owner });
  }
  if (kind === 'delete' && /\bsoft[- ]delete/i.test(written.description)) {
    const scope = { draft, resource: owner, line: written.line, sentence: written.sentence, status: null, code: null };
    if (!softDelete(scope, owner)) asides.push({ text: 'soft delete', owner });
    else asides.push({ text: `Deleting a ${spoken(owner.singular)} is a soft delete`, owner });
  }
  return asides;
}

/** `draft becomes published`: only a draft can be published. */
function startsOf(written: EndpointLine, owner: DraftResource, kind: string): { text: string; owner: DraftResource }[] {
  if (kind !== 'action') return [];
  const verb = written.path.slice(written.path.lastIndexOf('/') + 1);
  const step = stepOf(owner, verb, written.description);
  if (!step || step.from.length === 0) return [];
  return [
    { text: `Only ${step.from.join(' or ')} ${spoken(owner.name)} can be ${participleOf(verb, step.to)}`, owner },
  ];
}

const GLUE = new Set(
  `a an the of to by for on in with and or at all one its it their them once up most new existing current signed user
  users get gets list lists read reads show shows fetch retrieve return returns view create creates add adds register
  write post make update updates edit edits change changes modify set sets replace partially partial delete deletes
  remove removes soft assign assigns assigned unassign null many bulk multiple single given id details detail paginated
  filters filter filtering sorting pages pagination search me profile comment comments only admin admins that this own from becomes become turns goes moves into`.split(
    /\s+/,
  ),
);

/** Words of a description that play no part in what is built: the endpoint stands, and the plan says so. */
function unusedWords(written: EndpointLine, owner: DraftResource, draft: DraftModel): Guess[] {
  const known = new Set([
    ...GLUE,
    ...draft.resources.flatMap((resource) => [...resource.name.split('_'), ...resource.singular.split('_')]),
    ...owner.fields.flatMap((field) => field.name.split('_')),
    ...owner.fields.flatMap((field) =>
      field.type?.kind === 'enum' ? field.type.values.flatMap((value) => value.toLowerCase().split(/[_ -]/)) : [],
    ),
  ]);
  const plain = written.description.replace(/[([][^()[\]]*[)\]]\s*$/, '').toLowerCase();
  const unused = plain.split(/[^a-z]+/).filter((word) => word !== '' && !known.has(word));
  if (unused.length === 0) return [];
  return [{ rule: 'endpoint-by-path', note: `read by method and path; not used: ${[...new Set(unused)].join(', ')}` }];
}
