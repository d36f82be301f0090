/**
 * The subcommands of git that pass, as data. What rewrites history, redirects remotes or runs a program is named with
 * its reason, so that a shortened form of such an option is refused too.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { flags } from './files.js';
import { gitConfig } from './git-config.js';
import { needsMessage, oneOf, resetTargets, worktree } from './git-operands.js';
import { DESTROYS, data, EDITOR, EVERYWHERE, RUNS, reading } from './git-options.js';
import { checkPath, checkPathLike, denied, type Rules } from './rule.js';

export const gitSubcommands: Rules = {
  status: reading,
  log: reading,
  show: reading,
  diff: { ...reading, options: { ...reading.options, '-O': 'read' } },
  'ls-files': reading,
  'ls-tree': reading,
  'rev-parse': reading,
  'rev-list': reading,
  blame: { ...reading, options: { ...reading.options, '--contents': 'read' } },
  shortlog: { ...reading, options: { ...reading.options, '-n': 'flag', '-s': 'flag' } },
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
    check: (operands, context) => {
      needsMessage(context);
      for (const word of operands) checkPath(word, 'read', context);
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
    check: (operands, context) => worktree(operands, context),
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
    check: (operands, context) => worktree(operands, context),
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
      '-p': 'flag',
    },
    check: (operands, context) => {
      oneOf(operands, ['push', 'pop', 'apply', 'list', 'show', 'save']);
      const asks = context.words.some(({ text }) => /^-[a-zA-Z]*p/.test(text));
      if (asks && operands[0]?.text !== 'show') refuse('git stash -p asks questions', 'use git stash push -- FILE');
      if (operands[0]?.text === 'push') worktree(operands.slice(1), context);
    },
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
  config: { why: "reads settings; writes the project's user only", whole: (context) => gitConfig(context) },
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

const textOf = (words: readonly Word[]): string => words.map((word) => word.text).join(' ');
