/**
 * git: the subcommands of everyday work. History and remotes are Nightshift's memory, so what rewrites or redirects
 * them is refused, and so is every option that runs a program.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { flags } from './files.js';
import {
  checkKind,
  checkOptions,
  checkPath,
  checkPathLike,
  denied,
  type Kind,
  type Rule,
  type RuleContext,
  type Rules,
} from './rule.js';

const RUNS = denied('it runs another program');
const DESTROYS = denied('it destroys or rewrites history');
const EDITOR = denied('there is no editor; give the text with -m');
const data = (...names: string[]): Record<string, Kind> => Object.fromEntries(names.map((name) => [name, 'data']));

/** Refused wherever they appear; a shortened form of one is refused too. */
const EVERYWHERE: Record<string, Kind> = {
  '--exec': RUNS,
  '--ext-diff': RUNS,
  '--textconv': RUNS,
  '--upload-pack': RUNS,
  '--receive-pack': RUNS,
  '--open-files-in-pager': RUNS,
  '--strategy': RUNS,
  '--template': denied('it copies hooks'),
  '--no-index': denied('it reads outside of the project'),
  '--output': 'write',
  '--separate-git-dir': DESTROYS,
  '--edit': EDITOR,
  '--interactive': EDITOR,
  '--gpg-sign': RUNS,
  '--unsafe-paths': denied('it writes outside of the project'),
  '--work-tree': denied('it works on another tree'),
  '--git-dir': denied('it works on another repository'),
  '--sign': RUNS,
  '--signoff': 'flag',
};
const reading: Rule = {
  why: 'reads the repository',
  options: {
    ...EVERYWHERE,
    ...data('-n', '--format', '--pretty', '--grep', '--author', '--since', '--until', '-S', '-G', '-L'),
  },
  otherOptions: 'flags',
  leadingGlob: true,
};

const subcommands: Rules = {
  status: reading,
  log: reading,
  show: reading,
  diff: { ...reading, options: { ...reading.options, '-O': 'read' } },
  'ls-files': reading,
  'ls-tree': reading,
  'rev-parse': reading,
  'rev-list': reading,
  blame: { ...reading, options: { ...reading.options, '--contents': 'read' } },
  shortlog: reading,
  describe: reading,
  'merge-base': reading,
  'show-ref': reading,
  'cat-file': { ...reading, options: { ...EVERYWHERE, '--filters': RUNS } },
  'diff-tree': reading,
  'name-rev': reading,
  'check-ignore': reading,
  'count-objects': reading,
  grep: {
    why: 'searches the repository',
    otherOptions: 'flags',
    options: { ...EVERYWHERE, '-O': RUNS, '-f': 'read', ...data('-e', '-A', '-B', '-C', '--max-depth', '-m') },
    check: (operands, context) =>
      operands.slice(1).forEach((word) => {
        checkPathLike(word, context);
      }),
  },
  add: {
    why: 'stages files',
    options: {
      ...EVERYWHERE,
      '-e': EDITOR,
      '-i': EDITOR,
      '-p': EDITOR,
      '--patch': EDITOR,
      '--pathspec-from-file': 'read',
      '--chmod': 'data',
    },
    otherOptions: 'flags',
    leadingGlob: true,
  },
  rm: {
    why: 'removes tracked files',
    options: EVERYWHERE,
    otherOptions: 'flags',
    operands: 'remove',
    leadingGlob: true,
  },
  mv: { why: 'moves tracked files', options: EVERYWHERE, otherOptions: 'flags', operands: 'remove' },
  commit: {
    why: 'commits on the branch of the build',
    options: {
      ...EVERYWHERE,
      ...flags('-a', '-q', '-v', '-s', '--all', '--quiet', '--allow-empty', '--no-edit'),
      ...data('-m', '-am', '-qm', '-aqm', '--message', '--author', '--date', '--trailer'),
      '-F': 'read',
      '--file': 'read',
      '--amend': DESTROYS,
      '-e': EDITOR,
      '-c': EDITOR,
      '-C': 'data',
      '-S': RUNS,
      '-n': denied('hooks are part of the checks'),
      '--no-verify': denied('hooks are part of the checks'),
      '--fixup': EDITOR,
      '-p': EDITOR,
      '--patch': EDITOR,
      '-t': EDITOR,
    },
  },
  branch: {
    why: 'lists and makes branches',
    options: {
      ...EVERYWHERE,
      ...flags('-a', '-v', '-r', '-q', '-l', '-vv', '--list', '--show-current', '--all', '--contains', '--merged'),
    },
    operands: 'data',
  },
  tag: {
    why: 'lists and makes tags',
    options: { ...EVERYWHERE, ...flags('-a', '-l', '--list', '-n'), ...data('-m', '--sort') },
    operands: 'data',
  },
  checkout: {
    why: 'switches branches and restores files',
    options: {
      ...EVERYWHERE,
      ...flags('-q', '--quiet', '--ours', '--theirs'),
      ...data('-b'),
      '-B': DESTROYS,
      '-f': DESTROYS,
      '--force': DESTROYS,
      '--orphan': DESTROYS,
      '-p': EDITOR,
    },
    operands: 'read',
  },
  switch: {
    why: 'switches branches',
    options: {
      ...EVERYWHERE,
      ...flags('-q'),
      ...data('-c', '--create'),
      '-C': DESTROYS,
      '-f': DESTROYS,
      '--orphan': DESTROYS,
      '--force-create': DESTROYS,
      '--discard-changes': DESTROYS,
    },
    operands: 'data',
  },
  restore: {
    why: 'restores files',
    options: {
      ...EVERYWHERE,
      ...flags('-q', '-S', '-W', '--staged', '--worktree'),
      ...data('-s', '--source'),
      '-p': EDITOR,
    },
  },
  reset: {
    why: 'unstages; never throws work away',
    options: {
      ...EVERYWHERE,
      ...flags('-q', '--quiet', '--mixed', '-N'),
      '--hard': DESTROYS,
      '--soft': DESTROYS,
      '--merge': DESTROYS,
      '--keep': DESTROYS,
      '-p': EDITOR,
    },
    check: (operands, context) => resetTargets(operands, context),
  },
  stash: {
    why: 'sets changes aside',
    options: {
      ...EVERYWHERE,
      ...flags('-u', '-q', '-k', '--include-untracked', '--keep-index'),
      ...data('-m', '--message'),
      '-p': EDITOR,
    },
    check: (operands) => oneOf(operands, ['push', 'pop', 'apply', 'list', 'show', 'save']),
  },
  merge: {
    why: 'merges a branch of the project',
    options: {
      ...EVERYWHERE,
      ...flags('--no-ff', '--ff-only', '--ff', '--no-edit', '--abort', '--squash', '-q', '--continue'),
      ...data('-m', '-X'),
      '-s': RUNS,
      '-e': EDITOR,
    },
    operands: 'data',
  },
  revert: {
    why: 'undoes a commit by a new one',
    options: {
      ...EVERYWHERE,
      ...flags('--no-edit', '-n', '--no-commit', '--abort', '--continue'),
      '-s': 'flag',
      '-e': EDITOR,
    },
    operands: 'data',
  },
  'cherry-pick': {
    why: 'copies a commit',
    options: {
      ...EVERYWHERE,
      ...flags('-x', '-n', '--no-commit', '--abort', '--continue'),
      '-e': EDITOR,
      '-s': 'flag',
    },
    operands: 'data',
  },
  init: {
    why: 'makes the repository',
    options: { ...EVERYWHERE, ...flags('-q', '--quiet'), ...data('-b', '--initial-branch') },
    operands: 'read',
  },
  clean: {
    why: 'removes untracked files that are not ignored',
    options: {
      ...EVERYWHERE,
      ...flags('-n', '-f', '-d', '-q', '--dry-run'),
      '-x': denied('ignored files hold the environment and .env'),
      '-X': denied('ignored files hold the environment and .env'),
      '-i': EDITOR,
    },
  },
  apply: {
    why: 'applies a patch inside the project',
    options: {
      ...EVERYWHERE,
      ...flags('--check', '-R', '--reverse', '--3way', '--stat', '--index', '--cached'),
      '-p': 'data',
    },
  },
  config: { why: "reads settings; writes the project's user only", whole: (context) => config(context) },
  remote: {
    why: 'lists remotes',
    whole: (context) => {
      if (!/^(-v)?$/.test(textOf(context.words)))
        refuse(`git remote ${textOf(context.words)}`, 'use git remote -v; remotes belong to Nightshift');
    },
  },
  reflog: {
    why: 'lists where branches were',
    whole: (context) => {
      if (!/^(show)?( ?(-n ?)?-?\d+)?$/.test(textOf(context.words)))
        refuse(`git reflog ${textOf(context.words)}`, 'use git reflog');
    },
  },
};

const OFFLINE = new Set(['push', 'pull', 'fetch', 'clone', 'ls-remote', 'submodule', 'remote-http', 'send-email']);

export const gitRules: Rules = {
  git: { why: 'versions the project', whole: (context) => git(context) },
};

function git(context: RuleContext): void {
  const words = [...context.words];
  while (words[0] && ['--no-pager', '--version', '--no-optional-locks'].includes(words[0].text)) {
    if (words.shift()?.text === '--version') return;
  }
  const [name, ...rest] = words;
  if (name === undefined || name.text.startsWith('-')) {
    refuse(`git ${name?.text ?? ''} before the subcommand`, 'write git SUBCOMMAND; change the directory with cd');
  }
  if (OFFLINE.has(name.text)) refuse(`git ${name.text} reaches other repositories`, 'commit only; Nightshift pushes');
  const rule = Object.hasOwn(subcommands, name.text) ? subcommands[name.text] : undefined;
  if (rule === undefined || name.unknown)
    refuse(`git ${name.text}`, `use one of ${Object.keys(subcommands).join(', ')}`);
  const inner = { ...context, name: `git ${name.text}`, words: rest };
  if (rule.whole) return rule.whole(inner);
  const dashes = rest.findIndex((word) => word.text === '--');
  const operands = checkOptions(rule, inner);
  if (rule.check) return rule.check(operands, inner);
  for (const [index, word] of operands.entries()) {
    if (dashes >= 0 && index >= operands.length - (rest.length - dashes - 1))
      checkPath(word, rule.operands === 'remove' ? 'remove' : 'read', inner);
    else operand(word, rule, inner);
  }
}

/** A revision or a path: what looks like a path must lie inside. `a..b` and `HEAD:file` are revisions. */
function operand(word: Word, rule: Rule, context: RuleContext): void {
  if (rule.operands === 'data') return checkKind('data', word, context);
  if (rule.operands === 'remove') return checkPath(word, 'remove', context);
  if (word.paths || (word.unknown && !word.splits && !/^[\ufffb\ufffc]/.test(word.text))) return;
  if (/^[\w@^~{}-]+(\/[\w-]+)*\.{2,3}[\w@^~{}/-]*$/.test(word.text)) return;
  checkPath({ ...word, text: word.text.replace(/^[\w@^~/.-]*:(?!\/)/, '') || '.' }, 'read', context);
}

function resetTargets(operands: readonly Word[], context: RuleContext): void {
  const [first] = operands;
  if (first && /^(HEAD[~^@]|[0-9a-f]{7,40}$|ORIG_HEAD)/.test(first.text))
    refuse(`git reset ${first.text} moves the branch`, 'use git revert, or git restore for files');
  for (const word of operands) checkPath(word, 'read', context);
}

function oneOf(operands: readonly Word[], verbs: readonly string[]): void {
  const verb = operands[0]?.text ?? verbs[0] ?? '';
  if (!verbs.includes(verb)) refuse(`git stash ${verb}`, `use one of ${verbs.join(', ')}`);
}

function config(context: RuleContext): void {
  const words = context.words.filter((word) => word.text !== '--local');
  const text = textOf(words);
  if (
    /^(--list|-l|list|(--get |get )?(user\.(name|email)|core\.\w+|init\.defaultBranch|remote\.origin\.url))$/.test(text)
  )
    return;
  const [key, value] = words;
  const sets =
    /^user\.(name|email)$/.test(key?.text ?? '') &&
    words.length === 2 &&
    value !== undefined &&
    !value.text.startsWith('-');
  if (!sets) refuse(`git config ${text}`, 'use git config user.name NAME or user.email ADDRESS');
  checkKind('data', value, context);
}

const textOf = (words: readonly Word[]): string => words.map((word) => word.text).join(' ');
