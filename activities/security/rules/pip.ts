/**
 * pip: packages of the configured index, into the project's environment.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { flags } from './files.js';
import { checkKind, checkOptions, checkPath, denied, type Options, type Rule, type RuleContext } from './rule.js';

const OTHER_INDEX = denied('packages come from the configured index only');
const OUTSIDE = denied("packages go into the project's environment only");

const REMOTE = /:\/\/|^git\+/;

export const pip: Rule = {
  why: "installs packages from the configured index into the project's environment",
  whole: (context) => {
    const verbAt = context.words.findIndex((word) => !word.text.startsWith('-'));
    const verb = context.words[verbAt]?.text ?? '--version';
    if (!['install', 'list', 'show', 'freeze', 'check', 'uninstall', 'download', '--version'].includes(verb)) {
      refuse(`pip ${verb}`, 'use pip install, list, show, freeze, check or uninstall');
    }
    const operands = checkOptions(
      { why: '', options: PIP_OPTIONS },
      { ...context, words: context.words.filter((_, index) => index !== verbAt) },
    );
    const remote = context.words.find(({ text }) => REMOTE.test(text));
    if (remote) refuse(`pip ${verb} ${remote.text}`, 'name a package of the index, or a file of the project');
    for (const operand of operands) requirement(operand, context);
  },
};

const PIP_OPTIONS: Options = {
  ...flags(
    '-U',
    '-q',
    '-v',
    '-y',
    '-V',
    '--upgrade',
    '--quiet',
    '--verbose',
    '--yes',
    '--no-cache-dir',
    '--no-deps',
    '--pre',
    '--dry-run',
    '--outdated',
    '--all',
  ),
  ...flags(
    '--disable-pip-version-check',
    '--no-input',
    '--force-reinstall',
    '--no-warn-script-location',
    '--version',
    '--help',
    '--ignore-installed',
    '--no-build-isolation',
  ),
  '-r': 'read',
  '--requirement': 'read',
  '-c': 'read',
  '--constraint': 'read',
  '-e': 'read',
  '--editable': 'read',
  '-d': 'write',
  '--dest': 'write',
  '--format': 'data',
  '--progress-bar': 'data',
  '--timeout': 'data',
  '--retries': 'data',
  '--only-binary': 'data',
  '-i': OTHER_INDEX,
  '--index-url': OTHER_INDEX,
  '--extra-index-url': OTHER_INDEX,
  '-f': OTHER_INDEX,
  '--find-links': OTHER_INDEX,
  '--trusted-host': OTHER_INDEX,
  '--proxy': OTHER_INDEX,
  '-t': OUTSIDE,
  '--target': OUTSIDE,
  '--prefix': OUTSIDE,
  '--root': OUTSIDE,
  '--user': OUTSIDE,
};

function requirement(word: Word, context: RuleContext): void {
  if (/:\/\/|^git\+|@ *\w+:/.test(word.text)) refuse(`pip install ${word.text}`, 'name a package of the index');
  if (word.unknown) checkKind('read', word, context);
  if (/^[./]/.test(word.text) || word.text.includes('..'))
    checkPath({ ...word, text: word.text.replace(/\[.*$/, ''), glob: false }, 'read', context);
}
