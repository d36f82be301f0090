/**
 * Node and npm: the project's own scripts. They run arbitrary code inside the sandbox; publishing, other registries,
 * global installs and options that load further code are refused.
 */
import { refuse } from '../refusal.js';
import { flags } from './files.js';
import {
  checkKind,
  checkOptions,
  checkPath,
  checkPathLike,
  type Options,
  type RuleContext,
  type Rules,
} from './rule.js';

const NPM_VERBS = new Set([
  'install',
  'i',
  'ci',
  'add',
  'uninstall',
  'remove',
  'test',
  't',
  'run',
  'run-script',
  'start',
  'list',
  'ls',
  'outdated',
  'view',
  'info',
  'audit',
  'why',
  'explain',
  'prune',
  'dedupe',
  'init',
  'version',
  '--version',
  '-v',
  'root',
]);
const NPM_OPTIONS: Options = {
  ...flags(
    '-D',
    '-S',
    '-E',
    '-y',
    '-s',
    '-v',
    '--save-dev',
    '--save',
    '--save-exact',
    '--no-save',
    '--yes',
    '--silent',
    '--version',
    '--json',
  ),
  ...flags(
    '--omit=dev',
    '--include=dev',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--legacy-peer-deps',
    '--if-present',
    '--production',
  ),
  '--depth': 'data',
  '--omit': 'data',
  '--include': 'data',
  '--loglevel': 'data',
};

export const nodeRules: Rules = {
  npm: {
    why: "installs from the configured registry and runs the project's scripts",
    whole: (context) => npm(context),
  },
  node: { why: 'runs code of the project; the sandbox bounds what it may do', whole: (context) => node(context) },
};

function npm(context: RuleContext): void {
  const dashes = context.words.findIndex((word) => word.text === '--');
  const own = dashes < 0 ? context.words : context.words.slice(0, dashes);
  const forScript = dashes < 0 ? [] : context.words.slice(dashes + 1);
  for (const word of forScript) checkPathLike(word, context);
  const [verb, ...rest] = checkOptions({ why: '', options: NPM_OPTIONS }, { ...context, words: own });
  if (verb === undefined && own.some((word) => /^(-v|--version)$/.test(word.text))) return;
  if (verb === undefined || !NPM_VERBS.has(verb.text)) {
    refuse(`npm ${verb?.text ?? ''}`, 'use npm install, ci, run, test, start, list, view or audit');
  }
  if (verb.text === 'init' && rest.length > 0) refuse('npm init with a package runs that package', 'use npm init -y');
  if (verb.text === 'version' && rest.length > 0) refuse('npm version NUMBER commits and tags', 'edit package.json');
  if (verb.text === 'audit' && rest.some((word) => word.text !== 'fix'))
    refuse('npm audit with an argument', 'use npm audit');
  for (const word of rest) {
    if (word.unknown) checkKind('read', word, context);
    if (/:|^[\w-]+\/[\w-]+$|^git/.test(word.text) && !['run', 'run-script'].includes(verb.text)) {
      refuse(`npm ${verb.text} ${word.text}`, 'name a package of the registry');
    }
    checkPathLike(word, context);
  }
}

function node(context: RuleContext): void {
  const words = [...context.words];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const { text } = word;
    if (['-e', '-p', '-pe', '--eval', '--print'].includes(text)) {
      words.shift();
      break;
    }
    if (/^(-v|--version|--test|--check|-c|--input-type=(module|commonjs)|--no-warnings|--watch|-)$/.test(text))
      continue;
    if (text.startsWith('-')) refuse(`the option ${text} of node`, 'use node file.js or node -e code');
    checkPath(word, 'read', context);
    break;
  }
  for (const word of words) {
    if (word.splits) checkKind('data', word, context);
    checkPathLike(word, context);
  }
  if (context.words.length === 0 && !context.fed)
    refuse('node without a script would wait for input', 'use node file.js');
}
