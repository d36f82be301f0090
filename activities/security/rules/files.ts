/**
 * Programs that read, make, move and remove files of the project.
 */
import path from 'node:path';
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { checkPath, denied, type Kind, type Options, type Rule, type RuleContext, type Rules } from './rule.js';

const reads: Rule = { why: 'reads files of the project', otherOptions: 'flags', operands: 'read', leadingGlob: true };
const LAST = denied('the target comes last, so that it can be checked');
const counted: Options = {
  '-n': 'data',
  '-c': 'data',
  '--lines': 'data',
  '--bytes': 'data',
  '-q': 'flag',
  '-v': 'flag',
};

export const fileRules: Rules = {
  ls: reads,
  cat: reads,
  head: { ...reads, options: counted },
  tail: {
    why: 'reads the end of a file; following one never ends',
    whole: (context) => tail(context),
  },
  wc: {
    ...reads,
    otherOptions: 'refuse',
    options: flags('-l', '-w', '-c', '-m', '-L', '--lines', '--words', '--bytes'),
  },
  diff: {
    why: 'compares files of the project',
    options: { ...flags('-u', '-r', '-q', '-w', '-b', '-B', '-i', '-N', '-y', '--brief', '--color'), '-U': 'data' },
    operands: 'read',
  },
  basename: { why: 'computes on names only', options: flags('-a'), operands: 'data' },
  dirname: { why: 'computes on names only', operands: 'data' },
  mkdir: {
    why: 'makes directories in the project',
    options: { ...flags('-p', '-v', '--parents'), '-m': 'data' },
    operands: 'write',
  },
  touch: {
    why: 'makes files in the project',
    options: { ...flags('-a', '-c', '-m'), '-d': 'data', '-r': 'read' },
    operands: 'write',
  },
  rm: {
    why: 'removes files of the project, never the project itself or what Nightshift owns',
    options: flags('-r', '-R', '-f', '-v', '-d', '-i', '--recursive', '--force', '--verbose'),
    operands: 'remove',
    leadingGlob: true,
  },
  rmdir: { why: 'removes empty directories of the project', options: flags('-p', '-v'), operands: 'remove' },
  cp: {
    why: 'copies inside the project',
    options: {
      ...flags('-r', '-R', '-a', '-f', '-n', '-v', '-p', '-u', '-T', '--recursive', '--verbose'),
      '-t': LAST,
      '--target-directory': LAST,
    },
    leadingGlob: true,
    check: (operands, context) => transfer(operands, context, 'read'),
  },
  mv: {
    why: 'moves inside the project',
    options: { ...flags('-f', '-n', '-v', '-u', '-T', '--verbose'), '-t': LAST, '--target-directory': LAST },
    leadingGlob: true,
    check: (operands, context) => transfer(operands, context, 'remove'),
  },
  chmod: { why: 'makes scripts of the project executable', whole: (context) => chmod(context) },
  tee: { why: 'writes files of the project', options: flags('-a', '--append'), operands: 'write' },
};

export function flags(...names: string[]): Record<string, Kind> {
  return Object.fromEntries(names.map((name) => [name, 'flag' as const]));
}

function tail(context: RuleContext): void {
  const follows = context.words.some((word) => /^(--f|--retry|-[a-zA-Z0-9]*[fF])/.test(word.text));
  if (follows && !context.bounded) {
    refuse('tail -f never ends', 'use `tail -n 50 file`, or `timeout 10 tail -f file`');
  }
  for (const word of context.words) {
    if (word.splits && !word.paths) refuse('tail gets an unquoted unknown value', 'put it between double quotes');
    if (!/^[-+]\w/.test(word.text) && !word.text.startsWith('--')) checkPath(word, 'read', context);
    else if (word.text.includes('/')) refuse(`the option ${word.text} of tail`, 'use tail -n N file');
  }
}

/** What arrives under its old name counts too: `cp other/feature_list.json .` overwrites an owned file. */
function transfer(operands: readonly Word[], context: RuleContext, sourceMode: 'read' | 'remove'): void {
  const target = operands.at(-1);
  if (target === undefined || operands.length < 2) refuse(`${context.name} needs a source and a target`, 'give both');
  checkPath(target, 'write', context);
  for (const source of operands.slice(0, -1)) {
    checkPath(source, sourceMode, context);
    const base = path.basename(source.text);
    const whole = context.words.some((word) => /^-[a-zA-Z]*T/.test(word.text));
    const contents = whole || base === '.' || base === '..' || source.text.endsWith('/');
    const intoRoot = context.cwds.some((cwd) => context.guard.resolve(target.text, cwd) === context.guard.root);
    if (intoRoot && (source.glob || source.paths || contents)) {
      refuse(
        `${context.name} of many files to the top of the project could replace what Nightshift owns`,
        'name each file',
      );
    }
    if (!source.glob && !contents) checkPath({ ...target, text: path.posix.join(target.text, base) }, 'write', context);
  }
}

function chmod(context: RuleContext): void {
  const [mode, ...files] = context.words.filter((word) => word.text !== '-R');
  if (mode === undefined || !/^([ugoa]*[+-][rwx]+(,[ugoa]*[+-][rwx]+)*|0?[0-7]{3})$/.test(mode.text)) {
    refuse(`chmod ${mode?.text ?? ''}`, 'use chmod +x file, or three octal digits');
  }
  const deep = context.words.some((word) => word.text === '-R');
  for (const file of files) {
    if (file.text.startsWith('-')) refuse(`chmod ${file.text}`, 'use chmod +x file');
    checkPath(file, deep ? 'remove' : 'write', context);
  }
}
