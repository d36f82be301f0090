/**
 * Reads what holds for the whole project: technology, authentication, validation, errors, the page envelope. Tables of
 * phrasings; pure. Null = not understood.
 */
import type { SpecModel } from '../spec-model.js';
import { canonical } from './spec-text.js';

/** The parts of the model that are not about one resource, while being read. */
export interface ProjectDraft {
  defaultMode: 'mock' | 'jwt';
  errorKeys: SpecModel['errors']['keys'];
  pageKeys: SpecModel['page'];
  validation: { trim_text: boolean; reject_unknown_fields: boolean; require_offset: boolean };
}

export const DEFAULT_PROJECT: ProjectDraft = {
  defaultMode: 'mock',
  errorKeys: { detail: 'detail', code: 'error_code', fields: 'field_errors' },
  pageKeys: { items: 'items', total: 'total', page: 'page', page_size: 'page_size', total_pages: 'total_pages' },
  validation: { trim_text: true, reject_unknown_fields: true, require_offset: true },
};

const SUPPORTED =
  /\b(?:python|fastapi|fast api|postgresql|postgres|sqlalchemy|asyncpg|alembic|pydantic(?:-settings| settings)?|pytest(?:-asyncio|-cov)?|httpx|uvicorn|openapi|swagger(?: ui)?|redoc|docker(?:[ -]compose)?|jwt|ruff|mypy|rest(?:ful)?|json|sql)\b/gi;
const STACK_GLUE =
  /\b(?:with|and|for|the|an?|in|on|at|via|using|is|are|its|as|of|to|async(?:hronous)?|orm|driver|database|backend|framework|language|server|migrations?|validation|settings|configuration|tests?|testing|test|documentation|docs|api|apis|types?|typed|linting|formatting|containers?|local|development|schemas?|v?\d+(?:\.[\dx]+)*\+?|version|or|newer|later|docs|redoc|json)\b/gi;

/** A line of the technology stack is understood when every word of it is part of the stack that is built. */
export function readTechnology(text: string): boolean {
  const left = text
    .replace(SUPPORTED, ' ')
    .replace(STACK_GLUE, ' ')
    .replace(/[^\w]+|\d+|_/g, ' ')
    .trim();
  return left === '' && text.trim() !== '';
}

type Effect = (project: ProjectDraft) => void;
const nothing: Effect = () => {};

const AUTH: readonly (readonly [RegExp, Effect])[] = [
  [
    /^(?:every|all|each) (?:other )?(?:endpoints?|requests?|routes?)(?: \w+)? (?:needs?|requires?|expects?) (?:signed-in user|authentication|token|bearer token|valid token|user)$/,
    nothing,
  ],
  [/^only signed-in users can (?:use|access|call) (?:api|it|endpoints)$/, nothing],
  [/^(?:authentication|auth) is required(?: (?:for|on) (?:all|every) endpoints?)?$/, nothing],
  [
    /^(?:auth_mode=)?mock(?: (?:mode|authentication|auth))? is default(?: and (?:is )?meant for development)?(?:[:;] .*bearer mock:<?id>?.* acts as user with that id,? and request without header acts as user 1)?$/,
    (p) => {
      p.defaultMode = 'mock';
    },
  ],
  [
    /^mock (?:authentication|auth)(?: (?:by default|for development))?(?:,? (?:swappable|switchable|replaceable) (?:for|by|with|to) jwt(?: by (?:one )?setting)?)?$/,
    (p) => {
      p.defaultMode = 'mock';
    },
  ],
  [/^authorization: bearer mock:<?id>? acts as (?:user with that id|that user)$/, nothing],
  [
    /^(?:request without (?:authorization )?header|no (?:authorization )?header) acts as user 1(?: \(admin\))?$/,
    nothing,
  ],
  [/^auth_mode=jwt expects signed jwt whose subject is id of user$/, nothing],
  [
    /^(?:jwt|bearer tokens?|jwt (?:bearer )?tokens?|jwt authentication)(?: (?:is|are) (?:used|supported|expected))?(?: in production)?$/,
    nothing,
  ],
  [/^user 1 is (?:seeded|created)(?: at start)? (?:as|and is) admin$/, nothing],
  [/^(?:token|request) of (?:unknown or inactive|inactive or unknown|unknown|inactive) user$/, nothing],
  [/^(?:missing|invalid|unknown)(?:,? (?:or )?(?:missing|invalid|unknown|expired))* tokens?$/, nothing],
];

const VALIDATION: readonly (readonly [RegExp, Effect])[] = [
  [
    /^(?:text|strings?|text fields?) (?:is|are) trimmed(?: before (?:its|their) length is checked| before validation)?$/,
    (p) => {
      p.validation.trim_text = true;
    },
  ],
  [
    /^(?:leading and trailing )?(?:white ?space|spaces) (?:is|are) (?:removed|trimmed|stripped)(?: from text)?$/,
    (p) => {
      p.validation.trim_text = true;
    },
  ],
  [
    /^(?:field that endpoint does not take|unknown fields?|additional fields?|extra fields?)(?: (?:is|are) (?:refused|rejected))?$/,
    (p) => {
      p.validation.reject_unknown_fields = true;
    },
  ],
  [
    /^(?:unknown|additional|extra) fields? (?:is|are) ignored$/,
    (p) => {
      p.validation.reject_unknown_fields = false;
    },
  ],
  [
    /^(?:datetimes?|timestamps?|dates and times) (?:is|are) iso 8601 with offset(?: and (?:is|are) returned in utc)?$/,
    (p) => {
      p.validation.require_offset = true;
    },
  ],
  [
    /^(?:datetimes?|timestamps?|dates and times) (?:is|are) (?:iso 8601 )?in utc$/,
    (p) => {
      p.validation.require_offset = true;
    },
  ],
  [/^invalid (?:input|data|values?|requests?)$/, nothing],
];

const ERRORS: readonly (readonly [RegExp, Effect])[] = [
  [
    /^(?:every|all|each) errors? (?:has|have|uses?|shares?|returns?) (?:same|one|this|following) (?:body|envelope|format|shape):?$/,
    nothing,
  ],
  [
    /^(?:errors? (?:use|have|format|body|envelope)|error (?:format|body|envelope|response))(?: (?:same|this|following) (?:body|envelope|format))?:?$/,
    nothing,
  ],
  [/^\w+ maps field to list of messages and is empty unless status is 422$/, nothing],
  [/^\w+ maps field to list of messages$/, nothing],
];

const PAGES: readonly (readonly [RegExp, Effect])[] = [
  [
    /^(?:every|each|all) lists? (?:takes?|accepts?) page(?: \(from 1\))? and (?:page_size|size|per_page|limit)(?: and (?:is|are) answered with:?)?$/,
    nothing,
  ],
  [
    /^(?:every|all|each) (?:lists?|list endpoints?|list responses?) (?:is|are|uses?|returns?|has|have) (?:paginated|this (?:format|envelope)|same (?:format|envelope)|following (?:format|envelope)):?$/,
    nothing,
  ],
  [/^sort takes one field name,? with leading minus for descending; rows that are equal are ordered by id$/, nothing],
  [/^sort takes one field name,? with leading minus for descending$/, nothing],
  [/^page past last one (?:has no items|is empty)$/, nothing],
  [/^page,? page size or sort field outside (?:its|their) limits(?: is (?:refused|rejected))?$/, nothing],
  [/^(?:default )?page size (?:is )?20(?: by default)?,? (?:and )?(?:max(?:imum)?|at most) (?:is )?100$/, nothing],
];

const TABLES = { authentication: AUTH, validation: VALIDATION, errors: ERRORS, page_format: PAGES } as const;
const EXPECTED: Record<keyof typeof TABLES, readonly number[]> = {
  authentication: [401],
  validation: [422],
  errors: [],
  page_format: [422],
};

/** One statement of a project-wide part: what it changes, or null when no phrasing matches. */
export function readProjectStatement(part: keyof typeof TABLES, text: string): Effect | null {
  const plain = canonical(text.replace(/\s*\n\s*/g, ' '));
  if (plain.status !== null && !EXPECTED[part].includes(plain.status)) return null;
  return TABLES[part].find(([pattern]) => pattern.test(plain.text))?.[1] ?? null;
}

/** What each status is for; a row that says something else is not understood. */
const STATUS_TOPICS: Readonly<Record<number, RegExp>> = {
  200: /\b(?:ok|success|succeed|read|update|action|fetch)/,
  201: /\b(?:created|added|creation)\b/,
  204: /\b(?:deleted|removed|no content|empty)\b/,
  400: /\b(?:not valid json|malformed|business rule|bad request)\b/,
  401: /\b(?:token|authenticat|unauthorized|signed|credentials|unknown user|inactive)/,
  403: /\b(?:not allowed|forbidden|permission|denied|insufficient)\b/,
  404: /\b(?:not found|does not exist|no such|missing row)\b/,
  405: /\bmethod\b/,
  409: /\b(?:conflict|unique|duplicate|already)/,
  422: /\b(?:invalid|validation|unprocessable)\b/,
  500: /\b(?:unexpected|internal|server error|bug)\b/,
};

/** A row or bullet of the status table: `404 | the row does not exist`. */
export function readStatusRow(text: string): boolean {
  const match = /^(?:http )?(\d{3})\b[\s:|-]*([\s\S]*)$/i.exec(text.replace(/[`*]/g, '').trim());
  const status = Number(match?.[1]);
  const words = (match?.[2] ?? '').toLowerCase();
  const topic = STATUS_TOPICS[status];
  if (!topic || words === '') return false;
  const named = Object.entries(STATUS_TOPICS).find(([other, pattern]) => Number(other) >= 400 && pattern.test(words));
  return topic.test(words) || (named === undefined && status < 400);
}

/** The example of an envelope in a JSON fence: which key is which. Null when it is no envelope of that kind. */
export function readEnvelope(part: 'errors' | 'page_format', json: string): Effect | null {
  const parsed = jsonObject(json);
  if (!parsed) return null;
  const keys = Object.keys(parsed);
  if (!keys.every((key) => /^[a-z][a-z0-9_]{0,62}$/.test(key))) return null;
  const called = (pattern: RegExp): string | undefined => keys.find((key) => pattern.test(key));
  if (part === 'errors') {
    const detail = called(/^(?:detail|message|error|title)$/);
    const code = called(/^(?:error_?code|code|type)$/);
    const fields = called(/^(?:field_errors|errors|fields|details)$/);
    if (!detail || !code || !fields || keys.length !== 3) return null;
    return (project) => {
      project.errorKeys = { detail, code, fields };
    };
  }
  const items = called(/^(?:items|data|results|rows)$/);
  const total = called(/^(?:total|count|total_(?:items|count))$/);
  const page = called(/^page(?:_number)?$/);
  const page_size = called(/^(?:page_size|size|per_page|limit)$/);
  const total_pages = called(/^(?:total_pages|pages|page_count)$/);
  if (!items || !total || !page || !page_size || !total_pages || keys.length !== 5) return null;
  return (project) => {
    project.pageKeys = { items, total, page, page_size, total_pages };
  };
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
