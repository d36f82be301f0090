/**
 * The reader: text in, model out. Owns the order of the passes and that every sentence gets a class. Pure and total:
 * it never throws on any text; a spec that can't be built is an answer with lines and cures.
 */
import { type SpecModel, type SpecStatement, specModel } from '../spec-model.js';
import { type EndpointStatement, readAllEndpoints } from './endpoint-pass.js';
import { completeServerFields, readFieldRules } from './field-rules.js';
import { assembleModel } from './model-assembly.js';
import { mergeRules } from './permit-merge.js';
import { DEFAULT_PROJECT, type ProjectDraft } from './project-reader.js';
import { type FieldLine, noField, readAllFields } from './resource-reader.js';
import { type DraftModel, type Guess, generated, unresolved, type Verdict, verdictOf } from './spec-draft.js';
import { type OutlineItem, outlineOf } from './spec-outline.js';
import { type PlacedItem, placeItems, titleOf } from './spec-place.js';
import { sentencesOf } from './spec-sentence.js';
import { plainText, type SpecProblem, textProblem } from './spec-text.js';
import { nearest, readRules, readStatement } from './statement-reader.js';

export type { SpecProblem } from './spec-text.js';

/** A model, or what stands in its way: every problem with its line and what to do. */
export type SpecReading =
  | { readonly kind: 'read'; readonly model: SpecModel }
  | { readonly kind: 'unusable'; readonly problems: readonly SpecProblem[] };

interface Reader {
  readonly draft: DraftModel;
  readonly project: ProjectDraft;
  readonly placed: readonly PlacedItem[];
  readonly statements: SpecStatement[];
}

/** Reads a spec. Same text, same answer. */
export function readSpec(text: string): SpecReading {
  const plain = plainText(text);
  const unreadable = textProblem(plain);
  if (unreadable) return { kind: 'unusable', problems: [unreadable] };
  const items = outlineOf(plain);
  const draft: DraftModel = { resources: [], problems: [], extras: [] };
  const reader: Reader = {
    draft,
    project: structuredClone(DEFAULT_PROJECT),
    placed: placeItems(items, draft),
    statements: [],
  };
  const fields = readAllFields(reader.placed, draft);
  if (draft.resources.length === 0) return { kind: 'unusable', problems: [...draft.problems, noResources(items)] };
  dropFieldless(draft);
  if (draft.problems.length > 0) return { kind: 'unusable', problems: draft.problems };
  readPasses(reader, fields);
  return finish(reader, items);
}

function noResources(items: readonly OutlineItem[]): SpecProblem {
  return {
    line: items[0]?.line ?? 0,
    message: 'No resource is described: no heading has fields under it.',
    cure: "Add a heading for each resource with a heading 'Model Fields' below it and one bullet for each field.",
  };
}

function dropFieldless(draft: DraftModel): void {
  for (const resource of draft.resources) {
    if (resource.fields.some((field) => !field.key || field.guesses.length > 0 || field.text !== 'id')) continue;
    draft.problems.push({
      line: resource.line,
      message: `The resource '${resource.title}' has no fields.`,
      cure: "List its fields under a heading 'Model Fields', one bullet for each.",
    });
  }
}

/** Endpoints, then the rules that fields carry, then every other sentence, then what only the server can set. */
function readPasses(reader: Reader, fields: readonly FieldLine[]): void {
  const { draft } = reader;
  const endpoints = readAllEndpoints(reader.placed, draft);
  readFieldRules(draft);
  const fieldItems = new Set(fields.map((line) => line.placed));
  for (const placed of reader.placed) {
    const lines = endpoints.get(placed);
    for (const { text, line, verdict } of lines ?? []) state(reader, placed, text, line, verdict);
    if (!lines && placed.item.kind !== 'heading' && !fieldItems.has(placed)) readSentences(reader, placed);
  }
  for (const lines of endpoints.values()) readAsides(reader, lines);
  completeServerFields(draft);
  for (const line of fields) readFieldStatements(reader, line);
  for (const resource of draft.resources) {
    const placed = reader.placed.find(({ item, place }) => item.kind === 'heading' && place.resource === resource);
    if (placed) state(reader, placed, resource.title, resource.line, verdictOf('resource', resource.guesses));
  }
  mergeRules(draft);
}

function state(reader: Reader, placed: PlacedItem, text: string, line: number, verdict: Verdict): void {
  const { section, resource } = placed.place;
  reader.statements.push({ line, text: text.slice(0, 4000), section, resource: resource?.name ?? null, ...verdict });
}

/** What descriptions say beside the endpoint; after the sentences, which say it better. */
function readAsides(reader: Reader, lines: readonly EndpointStatement[]): void {
  for (const { placed, text, line, asides } of lines) {
    for (const aside of asides) {
      const place = { ...placed.place, resource: aside.owner };
      const read = readRules({ text: aside.text, line }, place, reader);
      if (read.class === 'UNRESOLVED') state(reader, placed, `${text.slice(0, 200)}: ${aside.text}`, line, read);
    }
  }
}

function readSentences(reader: Reader, placed: PlacedItem): void {
  for (const sentence of sentencesOf(placed.item)) {
    state(reader, placed, sentence.text, sentence.line, readStatement(sentence, placed, reader));
  }
}

function readFieldStatements(reader: Reader, { placed, fields }: FieldLine): void {
  const { item } = placed;
  if (fields.length === 0) {
    state(reader, placed, item.text.replace(/\s*\n\s*/g, ' '), item.line, noField);
    return;
  }
  const guesses: Guess[] = [];
  for (const field of fields) {
    const known = placed.place.resource?.fields.find((one) => one.name === field.name) ?? field;
    if (known.required === null && isOpen(known)) {
      known.required = true;
      known.guesses.push({ rule: 'required-unless-said', note: `'${known.name}' is required` });
    }
    guesses.push(...known.guesses);
  }
  state(reader, placed, item.text.replace(/\s*\n\s*/g, ' '), item.line, verdictOf('field', guesses));
  for (const field of fields) {
    for (const words of field.unknown) {
      state(
        reader,
        placed,
        `${field.name}: ${words}`,
        field.line,
        unresolved(`these words of the field are not understood; ${nearest(words)}`),
      );
    }
  }
}

/** A client's field of which the spec says neither required, optional nor a default. */
function isOpen(field: FieldLine['fields'][number]): boolean {
  const set = field.key || field.server || field.user || field.stamped || field.createNever;
  return !set && field.default === undefined && !field.nullable;
}

function finish(reader: Reader, items: readonly OutlineItem[]): SpecReading {
  const { draft, project } = reader;
  const title = titleOf(items);
  const name = (title?.text ?? '').slice(0, 200) || 'Generated API';
  if (title)
    reader.statements.push({
      line: title.line,
      text: title.text,
      section: '',
      resource: null,
      ...generated('project'),
    });
  const overview = reader.placed
    .filter(({ item, place }) => place.part === 'overview' && item.kind !== 'heading' && !place.resource)
    .map(({ item }) => item.text.replace(/\s*\n\s*/g, ' '))
    .join('\n\n');
  const statements = reader.statements
    .map((one, order) => ({ one, order }))
    .sort((a, b) => a.one.line - b.one.line || a.order - b.order);
  const model = assembleModel(
    draft,
    project,
    name,
    overview,
    statements.map(({ one }) => one),
  );
  if (draft.problems.length > 0) return { kind: 'unusable', problems: draft.problems };
  const checked = specModel.safeParse(model);
  if (checked.success) return { kind: 'read', model: checked.data };
  const [issue] = checked.error.issues;
  const problem = `The model of this spec breaks its own shape at ${issue?.path.join('.')}: ${issue?.message}.`;
  return {
    kind: 'unusable',
    problems: [
      { line: 0, message: problem, cure: 'Simplify what is described there, and report this text as a defect.' },
    ],
  };
}
