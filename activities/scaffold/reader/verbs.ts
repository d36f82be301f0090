/**
 * What verbs mean in this spec: which endpoints of a resource they are about. Pure look-ups; null = means nothing here.
 */
import type { EndpointKind, SpecEndpoint } from '../spec-endpoints.js';
import type { DraftResource } from './spec-draft.js';

/** What is done to a row; `act …` is an action of its own, such as `act publish`. */
export type Verb = Deed | `act ${string}`;
type Deed = 'create' | 'read' | 'update' | 'delete' | 'assign';

const VERBS: readonly (readonly [RegExp, readonly Deed[]])[] = [
  [
    /^(?:creat(?:e|es|ed|ing|ion)|add(?:s|ed|ing)?|writ(?:e|es|ten|ing)|post(?:s|ed|ing)?|mak(?:e|es|ing)|made|regist(?:er|ers|ered|ering)|submit(?:s|ted|ting)?|publish(?:es|ed|ing)?|open(?:s|ed|ing)?|book(?:s|ed|ing)?|invit(?:e|es|ed|ing)|record(?:s|ed|ing)?|accept(?:s|ed|ing)?)$/,
    ['create'],
  ],
  [/^(?:delet(?:e|es|ed|ing|ion)|remov(?:e|es|ed|ing|al)|destroy(?:s|ed|ing)?|deactivat(?:e|es|ed|ing))$/, ['delete']],
  [
    /^(?:updat(?:e|es|ed|ing)|edit(?:s|ed|ing)?|modif(?:y|ies|ied|ying)|chang(?:e|es|ed|ing)|alter(?:s|ed|ing)?)$/,
    ['update'],
  ],
  [
    /^(?:read(?:s|ing)?|view(?:s|ed|ing)?|see(?:s|n|ing)?|get(?:s|ting)?|list(?:s|ed|ing)?|access(?:es|ed|ing)?|brows(?:e|es|ed|ing))$/,
    ['read'],
  ],
  [/^(?:assign(?:s|ed|ing)?|reassign(?:s|ed|ing)?)$/, ['assign']],
  [/^(?:manag(?:e|es|ed|ing)|maintain(?:s|ed|ing)?)$/, ['create', 'update', 'delete']],
];

/** `create, update and delete` / `created or cancelled` -> verbs; the actions of the resource go first. */
export function verbsIn(words: string, owner: DraftResource | null): Verb[] | null {
  const found = words
    .replace(/\bsoft[- ]/g, '')
    .split(/\s*(?:,\s*(?:or|and)\s+|,|\/|\bor\b|\band\b)\s*/)
    .filter((word) => word !== '')
    .map((word) => actionVerb(word, owner) ?? VERBS.find(([pattern]) => pattern.test(word))?.[1] ?? null);
  return found.length > 0 && found.every((verbs) => verbs !== null) ? [...new Set(found.flat())] : null;
}

function actionVerb(word: string, owner: DraftResource | null): Verb[] | null {
  const action = owner?.endpoints.find((one) => one.kind === 'action' && isFormOf(word, actionWord(one.path)));
  return action ? [`act ${action.id}`] : null;
}

/** The last word of an action's path. */
const actionWord = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `cancelled`, `cancels`, `cancelling` are forms of `cancel`. */
export function isFormOf(word: string, verb: string): boolean {
  const stem = verb.replace(/e$/, '');
  const last = stem.at(-1) ?? '';
  const y = verb.endsWith('y') ? `|${verb.slice(0, -1)}ie[sd]` : '';
  return new RegExp(`^(?:${verb}|${stem}${last}?(?:e|s|es|d|ed|ing|al)${y})$`).test(word.toLowerCase());
}

const KINDS: Record<Deed, readonly EndpointKind[]> = {
  create: ['create', 'nested_create', 'link_add'],
  read: ['list', 'get', 'nested_list', 'link_list'],
  update: ['update', 'set_field', 'assign', 'bulk_set'],
  delete: ['delete', 'link_remove'],
  assign: ['assign'],
};

/** Endpoint ids that the verbs mean; null when one verb has no endpoint. */
export function endpointsFor(resource: DraftResource, verbs: readonly Verb[]): string[] | null {
  const means = (verb: Verb, endpoint: SpecEndpoint): boolean =>
    isAction(verb) ? verb === `act ${endpoint.id}` : KINDS[verb].includes(endpoint.kind);
  const ids = verbs.map((verb) =>
    resource.endpoints.filter((endpoint) => means(verb, endpoint)).map((endpoint) => endpoint.id),
  );
  if (ids.some((some) => some.length === 0)) return null;
  const wanted = new Set(ids.flat());
  return resource.endpoints.map((endpoint) => endpoint.id).filter((id) => wanted.has(id));
}

const isAction = (verb: Verb): verb is `act ${string}` => verb.startsWith('act ');

/** A verb as people are told: `publish`. */
export function spokenVerb(verb: Verb, owner: DraftResource): string {
  if (!isAction(verb)) return verb;
  const action = owner.endpoints.find((endpoint) => verb === `act ${endpoint.id}`);
  return action ? actionWord(action.path).replaceAll('-', ' ') : verb.slice(4);
}
