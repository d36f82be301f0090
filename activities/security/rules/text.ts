/**
 * Programs that search and transform text.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { flags } from './files.js';
import { checkKind, checkOptions, checkPath, type Kind, type Rule, type RuleContext, type Rules } from './rule.js';

const GREP_DATA = [
  '-e',
  '-m',
  '-A',
  '-B',
  '-C',
  '--regexp',
  '--include',
  '--exclude',
  '--exclude-dir',
  '--color',
  '--max-count',
];
const GREP_OPTIONS: Record<string, Kind> = {
  ...Object.fromEntries(GREP_DATA.map((name) => [name, 'data' as const])),
  ...flags('--context', '--before-context', '--after-context', '--files-with-matches', '--files-without-match'),
  '-f': 'read',
  '--file': 'read',
  '--exclude-from': 'read',
};
const grepRule: Rule = { why: '', options: GREP_OPTIONS, otherOptions: 'flags', leadingGlob: true };

export const textRules: Rules = {
  grep: { why: 'searches files of the project', whole: (context) => grep(context) },
  sed: {
    why: 'prints or substitutes; its commands that run programs or name files are refused',
    whole: (context) => sed(context),
  },
  find: { why: 'lists files of the project; its actions are refused', whole: (context) => find(context) },
  sort: {
    why: 'sorts text',
    options: {
      ...flags('-n', '-r', '-u', '-f', '-h', '-V', '-b', '-c', '-s', '-z', '--reverse', '--unique'),
      '-k': 'data',
      '-t': 'data',
      '-o': 'write',
    },
    operands: 'read',
  },
  uniq: {
    why: 'drops repeated lines of its input',
    options: { ...flags('-c', '-d', '-u', '-i', '--count'), '-f': 'data', '-s': 'data', '-w': 'data' },
    check: (operands, context) => {
      for (const [index, word] of operands.entries()) checkPath(word, index === 0 ? 'read' : 'write', context);
    },
  },
  cut: {
    why: 'takes columns of text',
    options: { ...flags('-s'), '-d': 'data', '-f': 'data', '-c': 'data', '-b': 'data' },
    operands: 'read',
  },
  tr: { why: 'replaces characters', options: flags('-d', '-s', '-c', '-C', '-t'), operands: 'data' },
  seq: { why: 'counts', options: { '-s': 'data', '-w': 'flag' }, operands: 'data' },
  nl: { why: 'numbers lines', options: { '-b': 'data' }, operands: 'read' },
};

function grep(context: RuleContext): void {
  const operands = checkOptions(grepRule, context);
  const patternGiven = context.words.some(({ text }) => /^(-[a-zA-Z]*[ef]|--regexp|--file)/.test(text));
  const [pattern] = operands;
  if (!patternGiven && pattern) checkKind('data', pattern, context);
  for (const file of patternGiven ? operands : operands.slice(1)) checkPath(file, 'read', context);
}

const SED_PRINT = /^(\d+|\$|\/[^/\n\\]*\/)(,(\d+|\$|\+\d+|\/[^/\n\\]*\/))?[pdq=]$/;

function sed(context: RuleContext): void {
  const words = [...context.words];
  const scripts: Word[] = [];
  const files: Word[] = [];
  let inPlace = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.text === '-e') scripts.push(words.shift() ?? word);
    else if (/^-i(\.\w+)?$/.test(word.text)) inPlace = true;
    else if (/^-[nErsz]+$/.test(word.text) || word.text === '--') continue;
    else if (word.text.startsWith('-')) refuse(`the option ${word.text} of sed`, 'use sed -n, -i, -E or -e');
    else files.push(word);
  }
  if (scripts.length === 0) scripts.push(...files.splice(0, 1));
  for (const script of scripts) requirePlainScript(script);
  for (const file of files) checkPath(file, inPlace ? 'write' : 'read', context);
}

function requirePlainScript(script: Word): void {
  const commands = script.text.split(';').map((part) => part.trim());
  if (!script.unknown && (isSubstitution(script.text) || commands.every((part) => SED_PRINT.test(part)))) return;
  refuse(
    `the sed script ${script.text.slice(0, 60)}`,
    "use '10,20p', '/text/p' or 's/old/new/g' alone, or the editor tool",
  );
}

/** `s/old/new/g` with flags that neither run nor write: no e, no w. */
function isSubstitution(script: string): boolean {
  const match = /^(?:(?:\d+|\$)(?:,(?:\d+|\$))?)?s([^\w\s\\])/.exec(script);
  if (match === null || script.includes('\n')) return false;
  const delimiter = match[1] ?? '/';
  const rest = script.slice(match[0].length);
  let parts = 0;
  let end = 0;
  for (; end < rest.length && parts < 2; end++) {
    if (rest[end] === '\\') end++;
    else if (rest[end] === delimiter) parts++;
  }
  return parts === 2 && /^[gIip0-9]*$/.test(rest.slice(end));
}

const FIND_VALUE = new Set([
  '-name',
  '-iname',
  '-path',
  '-ipath',
  '-type',
  '-maxdepth',
  '-mindepth',
  '-size',
  '-mtime',
  '-mmin',
  '-wholename',
  '-regex',
  '-perm',
]);
const FIND_PLAIN = new Set([
  '-not',
  '!',
  '-o',
  '-or',
  '-a',
  '-and',
  '(',
  ')',
  '-print',
  '-print0',
  '-empty',
  '-prune',
  '-executable',
  '-true',
  '-false',
  '-follow',
  '-ls',
]);

function findValue(test: string, value: Word | undefined): void {
  if (value?.splits) refuse(`find ${test} with an unquoted unknown value`, 'put it between double quotes');
  if (value?.glob) refuse(`find ${test} ${value.text} without quotes`, `write find … ${test} '${value.text}'`);
}

function find(context: RuleContext): void {
  const words = [...context.words];
  let inPaths = true;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const { text } = word;
    if (word.unknown || word.paths || (word.glob && inPaths && !/^[\w.]/.test(text))) {
      refuse('find gets an argument that is only known at run time', 'write it out');
    }
    if (inPaths && !text.startsWith('-') && !['!', '(', ')'].includes(text)) {
      checkPath(word, 'read', context);
      continue;
    }
    inPaths = false;
    if (text === '-newer') checkPath(words.shift() ?? word, 'read', context);
    else if (FIND_VALUE.has(text)) {
      findValue(text, words.shift());
    } else if (!FIND_PLAIN.has(text))
      refuse(`find ${text}`, 'let find print names only, and work on them in a second command');
  }
}
