/**
 * `nightshift.policy.json`: what a person adds to the built-in policy for one project. Text in, rules out; the built-in
 * rules for constructs, variables, redirections and paths hold for everything that it allows.
 */
import { z } from 'zod';
import { neverArgument, neverProgram } from './never.js';
import { refuse } from './refusal.js';
import { ruleOf } from './rules/programs.js';
import { checkPath, type RuleContext } from './rules/rule.js';
import type { Call } from './shell-call.js';
import type { Word } from './shell-word.js';

const program = z
  .string()
  .regex(
    /^([A-Za-z0-9][\w.+-]*|\.\/(?!.*\.\.)[\w.-]+(\/[\w.-]+)*)$/,
    'must be a plain name, or ./script of the project',
  );
const argumentPattern = z.string().max(500);
const schema = z.strictObject({
  version: z.literal(1).default(1),
  allow: z
    .array(z.strictObject({ program, arguments: argumentPattern, why: z.string().max(500).optional() }))
    .max(100)
    .default([]),
  deny: z
    .array(
      z.strictObject({ program: z.string().min(1), arguments: argumentPattern.optional(), why: z.string().optional() }),
    )
    .max(100)
    .default([]),
});

export type ProjectPolicy = z.infer<typeof schema>;

export const NO_PROJECT_POLICY: ProjectPolicy = { version: 1, allow: [], deny: [] };

export type PolicyReading =
  | { readonly kind: 'read'; readonly policy: ProjectPolicy }
  | { readonly kind: 'unusable'; readonly problems: readonly string[] };

/** Every problem is a sentence that names the place in the file. */
export function readProjectPolicy(text: string): PolicyReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: 'unusable', problems: [`it is not JSON: ${(error as Error).message}`] };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
    return { kind: 'unusable', problems };
  }
  const problems = parsed.data.allow.flatMap((entry, index) => {
    const never = neverProgram(entry.program, ruleOf(entry.program) !== undefined);
    return never === null ? [] : [`allow.${index}: ${never}`];
  });
  return problems.length === 0 ? { kind: 'read', policy: parsed.data } : { kind: 'unusable', problems };
}

/** Throws `Refusal` when a person has denied this call. What is only known at run time counts as the worst it could be. */
export function refuseDenied(policy: ProjectPolicy, call: Call): void {
  for (const entry of policy.deny) {
    const meant = spellings(call).some(({ name, words }) => {
      return entry.program === name && (entry.arguments === undefined || fits(entry.arguments, words, true));
    });
    if (!meant) continue;
    const what = [call.name, entry.arguments].filter((part) => part !== undefined).join(' ');
    refuse(`${what} is denied for this project${entry.why ? ` (${entry.why})` : ''}`, 'do without it');
  }
}

/** `.venv/bin/pytest` and `python -m pytest` are pytest too. */
function spellings({ name, words }: Call): { readonly name: string; readonly words: readonly Word[] }[] {
  const own = [
    { name, words },
    { name: name.replace(/^.*\/bin\//, ''), words },
  ];
  const at = words.findIndex(({ text }) => text === '-m');
  const module = words[at + 1];
  if (!/python[\d.]*$/.test(name) || at < 0 || module === undefined) return own;
  return [...own, { name: module.text, words: words.slice(at + 2) }];
}

/** Whether a person has allowed this call. Throws `Refusal` when it is, and its arguments reach out all the same. */
export function allowedByProject(policy: ProjectPolicy, context: RuleContext): boolean {
  const entry = policy.allow.find(({ program: name, arguments: pattern }) => {
    return name === context.name && isInPlace(context) && fits(pattern, context.words, false);
  });
  if (entry === undefined) return false;
  for (const word of context.words) {
    for (const part of word.text.split(/[=,]|:(?!\/\/)/)) pathLike(word, part, context);
    const never = neverArgument(context.name, word.text);
    if (never !== null) refuse(never, 'do without it; no policy file can allow it');
  }
  return true;
}

/** A script of the project is meant from the project's own directory. */
function isInPlace({ name, cwds, guard }: RuleContext): boolean {
  if (!name.includes('/')) return true;
  return cwds.every((cwd) => guard.resolve(name, cwd) === `${guard.root}/${name.slice(2)}`);
}

/** The program may write wherever its arguments point, so each is held to what may be written. */
function pathLike(word: Word, text: string, context: RuleContext): void {
  const attached = /^-\w?(?=[./~])/.exec(text)?.[0] ?? '';
  const path = text.slice(attached.length);
  if (path === '' || path.startsWith('-') || /^https?:\/\//.test(path)) return;
  checkPath({ ...word, text: path }, 'write', context);
}

/** `*` stands for any text within one argument (never for an option), `**` for any further arguments, `--**` also options. */
function fits(pattern: string, words: readonly Word[], unknownFits: boolean): boolean {
  const tokens = pattern.split(/\s+/).filter((token) => token !== '');
  const rest = ['**', '--**'].includes(tokens.at(-1) ?? '') ? tokens.pop() : undefined;
  if (words.length < tokens.length || (rest === undefined && words.length > tokens.length)) {
    return unknownFits && words.some((word) => word.splits || word.paths);
  }
  return words.every((word, index) => {
    if (word.unknown || word.splits || word.paths) return unknownFits;
    const token = tokens[index];
    if (token !== undefined) return matches(token, word.text) && (unknownFits || notAnOption(token, word.text));
    return unknownFits || rest === '--**' || !word.text.startsWith('-');
  });
}

const notAnOption = (token: string, text: string): boolean => !text.startsWith('-') || token.startsWith('-');

/** Wildcard match in linear time. */
function matches(token: string, text: string): boolean {
  const [first = '', ...parts] = token.split('*');
  if (parts.length === 0) return token === text;
  if (!text.startsWith(first)) return false;
  const last = parts.pop() ?? '';
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
