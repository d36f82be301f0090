/**
 * git: the subcommands of everyday work. History and remotes are Nightshift's memory, so what rewrites or redirects
 * them is refused, and so is every option that runs a program.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { gitSubcommands } from './git-subcommands.js';
import { checkKind, checkOptions, checkPath, type Rule, type RuleContext, type Rules } from './rule.js';

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
  const rule = Object.hasOwn(gitSubcommands, name.text) ? gitSubcommands[name.text] : undefined;
  if (rule === undefined || name.unknown)
    refuse(`git ${name.text}`, `use one of ${Object.keys(gitSubcommands).join(', ')}`);
  applySubcommand(rule, { ...context, name: `git ${name.text}`, words: rest });
}

function applySubcommand(rule: Rule, context: RuleContext): void {
  if (rule.whole) {
    rule.whole(context);
    return;
  }
  const operands = checkOptions(rule, context);
  if (rule.check) {
    rule.check(operands, context);
    return;
  }
  const dashes = context.words.findIndex((word) => word.text === '--');
  const pathsFrom = dashes < 0 ? operands.length : operands.length - (context.words.length - dashes - 1);
  for (const word of operands.slice(0, pathsFrom)) operand(word, rule, context);
  for (const word of operands.slice(pathsFrom))
    checkPath(word, rule.operands === 'remove' ? 'remove' : 'read', context);
}

/** A revision or a path: what looks like a path must lie inside. `a..b` and `HEAD:file` are revisions. */
function operand(word: Word, rule: Rule, context: RuleContext): void {
  if (rule.operands === 'data' || rule.operands === 'remove') {
    checkKind(rule.operands, word, context);
    return;
  }
  if (word.paths || (word.unknown && !word.splits && !/^[\ufffb\ufffc]/.test(word.text))) return;
  if (/^[\w@^~{}-]+(\/[\w-]+)*\.{2,3}[\w@^~{}/-]*$/.test(word.text)) return;
  checkPath({ ...word, text: word.text.replace(/^[\w@^~/.-]*:(?!\/)/, '') || '.' }, 'read', context);
}
