/**
 * What a rule is: data about one program's options and operands, with the reason, and one engine that applies it.
 * Unknown options are refused or taken as flags, as the rule says; every path goes through the guard.
 */
import type { PathGuard, PathMode } from '../path-guard.js';
import { refuse } from '../refusal.js';
import type { Call } from '../shell-call.js';
import type { Word } from '../shell-word.js';

/** `data` is any text; `value` too, but a path in it must lie inside; a path kind goes through the guard; `flag` takes no value. */
export type Kind = 'flag' | 'data' | 'value' | 'read' | 'write' | 'remove' | { readonly deny: string };

export interface RuleContext extends Call {
  readonly guard: PathGuard;
  /** It ends by itself after a while, as below `timeout`. */
  readonly bounded: boolean;
  /** Checks another command that this one runs. */
  readonly run: (words: readonly Word[], bounded?: boolean) => void;
}

export type Options = Readonly<Record<string, Kind>>;

export interface Rule {
  /** Why the program is allowed, or what is held back of it. Printed by `nightshift policy`. */
  readonly why: string;
  /** Options by exact name: `-n`, `--lines`. */
  readonly options?: Options;
  /** What an option that isn't listed is. */
  readonly otherOptions?: 'flags' | 'refuse';
  readonly operands?: Exclude<Kind, 'flag'>;
  /** Values known only at run time may stand unquoted: nothing that they could say does harm. */
  readonly anyText?: boolean;
  /** File names from a pattern may come first: no option of the program does harm. */
  readonly leadingGlob?: boolean;
  /** Takes the operands instead of `operands`. */
  readonly check?: (operands: readonly Word[], context: RuleContext) => void;
  /** Takes the whole call instead of the engine. */
  readonly whole?: (context: RuleContext) => void;
}

export type Rules = Readonly<Record<string, Rule>>;

export const denied = (deny: string): Kind => ({ deny });

/** Throws `Refusal` when the call breaks the rule. */
export function applyRule(rule: Rule, context: RuleContext): void {
  if (rule.whole) {
    rule.whole(context);
    return;
  }
  const operands = checkOptions(rule, context);
  if (rule.check) rule.check(operands, context);
  else for (const operand of operands) checkKind(rule.operands ?? 'read', operand, context);
}

/** Checks the options and returns the operands. */
export function checkOptions(rule: Rule, context: RuleContext): Word[] {
  const operands: Word[] = [];
  const words = [...context.words];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.splits && !rule.anyText && !word.paths) {
      refuse(`${context.name} gets an unquoted value that is only known at run time`, 'put it between double quotes');
    }
    if (word.text === '--') return [...operands, ...words];
    if (/^[\ufffb\ufffc]/.test(word.text) && word.unknown && !rule.anyText) refuseUnknown(context);
    if (/^[*?[]/.test(word.text) && word.glob && !rule.leadingGlob) {
      refuse(`a pattern at the start of an argument of ${context.name}`, `write ./${word.text}`);
    }
    if (word.text.startsWith('--')) longOption(rule, context, word, words);
    else if (/^-./.test(word.text)) shortOptions(rule, context, word, words);
    else operands.push(word);
  }
  return operands;
}

function longOption(rule: Rule, context: RuleContext, word: Word, rest: Word[]): void {
  const equals = word.text.indexOf('=');
  const name = equals < 0 ? word.text : word.text.slice(0, equals);
  const value = equals < 0 ? null : { ...word, text: word.text.slice(equals + 1) };
  const kind = rule.options?.[name] ?? abbreviated(rule, name);
  if (kind === undefined) {
    if (rule.otherOptions !== 'flags') refuseOption(context, name);
    if (value) checkPathLike(value, context);
  } else if (kind === 'flag') {
    if (value) checkPathLike(value, context);
  } else takeValue(kind, name, value, context, rest);
}

const HARMFUL = new Set(['deny', 'write', 'remove']);
const kindName = (kind: Kind | undefined): string => (typeof kind === 'object' ? 'deny' : (kind ?? 'flag'));

/** Programs accept shortened long options: one that could mean a refused or writing one counts as that. */
function abbreviated(rule: Rule, name: string): Kind | undefined {
  const full = Object.keys(rule.options ?? {}).find(
    (option) => option.startsWith(name) && HARMFUL.has(kindName(rule.options?.[option])),
  );
  return full === undefined ? undefined : rule.options?.[full];
}

function shortOptions(rule: Rule, context: RuleContext, word: Word, rest: Word[]): void {
  if (rule.options?.[word.text] !== undefined && word.text.length > 2) {
    takeValue(rule.options[word.text] ?? 'flag', word.text, null, context, rest);
    return;
  }
  for (let index = 1; index < word.text.length; index++) {
    const name = `-${word.text[index]}`;
    const kind = rule.options?.[name];
    if (kind === undefined) {
      const digits = /^\d+$/.test(word.text.slice(index));
      if (rule.otherOptions !== 'flags' && !digits) refuseOption(context, name);
      if (digits) return;
      checkPathLike({ ...word, text: word.text.slice(index + 1) }, context);
    } else if (kind !== 'flag') {
      const attached = word.text.slice(index + 1);
      takeValue(kind, name, attached === '' ? null : { ...word, text: attached }, context, rest);
      return;
    }
  }
}

function takeValue(kind: Kind, name: string, value: Word | null, context: RuleContext, rest: Word[]): void {
  if (kind === 'flag') return;
  if (typeof kind === 'object') refuse(`${context.name} ${name}: ${kind.deny}`, `use ${context.name} without ${name}`);
  const taken = value ?? rest.shift();
  if (taken === undefined) refuse(`${context.name} ${name} has no value`, 'give one');
  checkKind(kind, taken, context);
}

export function checkKind(kind: Kind, word: Word, context: RuleContext): void {
  if (kind === 'flag') return;
  if (typeof kind === 'object') refuse(`${context.name} ${word.text}: ${kind.deny}`, `use ${context.name} without it`);
  if (kind === 'data' || kind === 'value') {
    if (word.splits)
      refuse(`${context.name} gets an unquoted value that is only known at run time`, 'put it between double quotes');
    if (kind === 'value') checkPathLike(word, context);
    return;
  }
  checkPath(word, kind, context);
}

export function checkPath(word: Word, mode: PathMode, context: RuleContext): void {
  if (word.text === '-' && mode === 'read') return;
  if (word.paths && mode === 'read') return;
  if (word.unknown || word.paths) refuseUnknown(context);
  for (const cwd of context.cwds) {
    const problem = context.guard.problem(word.text, cwd, mode, word.glob);
    if (problem !== null) refuse(`${context.name}: ${problem}`, 'use a path inside the project, relative to it');
  }
}

/** A value of unknown meaning: checked when it looks like a path. */
export function checkPathLike(word: Word, context: RuleContext): void {
  if (/(^|[=:,@])\/|\.\.|^~/.test(word.text)) {
    for (const part of word.text.split(/[=,@]|:(?!\/\/)/)) {
      if (/^\/|\.\./.test(part)) checkPath({ ...word, text: part }, 'read', context);
    }
  }
}

export function refuseUnknown(context: RuleContext): never {
  return refuse(`${context.name} gets an argument that is only known at run time`, 'write the argument out');
}

function refuseOption(context: RuleContext, name: string): never {
  return refuse(`the option ${name} of ${context.name} is not on the list`, `use ${context.name} without ${name}`);
}
