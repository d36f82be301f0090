/**
 * What git's subcommands may be pointed at: no revision where it would move the branch, no owned file as a path to write.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { checkPath, type RuleContext } from './rule.js';

/** Revisions and paths; a path among them is written, so it must not be an owned one. `.` is: they are put back. */
export function worktree(operands: readonly Word[], context: RuleContext): void {
  for (const word of operands) {
    const revision = /^[\w@^~{}/-]+$/.test(word.text) && !word.unknown;
    if (word.unknown && !word.splits && !/^[\ufffb\ufffc]/.test(word.text)) continue;
    checkPath({ ...word, glob: false }, revision && !word.text.includes('..') ? 'write' : 'read', context);
    if (!revision) checkPath(word, word.text === '.' ? 'read' : 'write', context);
  }
}

/** Without one, git opens an editor, and there is none. */
export function needsMessage({ words }: RuleContext): void {
  const given = words.some(({ text }) => /^(-[a-zA-Z]*[mFC]|--(message|file|no-edit|reuse-message))/.test(text));
  if (!given) refuse('git commit without a message opens an editor', "write git commit -m '…'");
}

/** Unstages; a revision would move the branch. */
export function resetTargets(operands: readonly Word[], context: RuleContext): void {
  const [first] = operands;
  const named = context.words.some((word) => word.text === '--') && context.words[0]?.text !== first?.text;
  const isFile =
    first &&
    /[./]/.test(first.text) &&
    !/[~^@{]|\.\./.test(first.text) &&
    context.cwds.every((cwd) => exists(first, cwd, context));
  if (first && !named && first.text !== 'HEAD' && !isFile)
    refuse(`git reset ${first.text} may move the branch`, 'use git revert, or git reset -- FILE to unstage');
  for (const word of operands) checkPath(word, 'read', context);
}

function exists({ text }: Word, cwd: string, { guard }: RuleContext): boolean {
  const real = guard.resolve(text, cwd);
  return real !== null && guard.exists(real);
}

export function oneOf(operands: readonly Word[], verbs: readonly string[]): void {
  const verb = operands[0]?.text ?? verbs[0] ?? '';
  if (!verbs.includes(verb)) refuse(`git stash ${verb}`, `use one of ${verbs.join(', ')}`);
}
