/**
 * Python and its tools. They run the project's code, which may do anything: the sandbox is the boundary. These rules
 * only keep the tools' own options from reaching outside of the project or to another index.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { flags } from './files.js';
import {
  applyRule,
  checkKind,
  checkOptions,
  checkPath,
  checkPathLike,
  denied,
  type Options,
  type Rule,
  type RuleContext,
  type Rules,
} from './rule.js';

const OTHER_INDEX = denied('packages come from the configured index only');
const OUTSIDE = denied("packages go into the project's environment only");

const pytest: Rule = {
  why: "runs the project's tests",
  options: {
    ...Object.fromEntries(
      ['-k', '-m', '-p', '-o', '-W', '-n', '--tb', '--maxfail', '--durations', '--cov', '--cov-fail-under'].map(
        (name) => [name, 'data' as const],
      ),
    ),
    ...Object.fromEntries(
      ['--basetemp', '--junitxml', '--junit-xml', '--log-file', '--report-log'].map((name) => [name, 'write' as const]),
    ),
    ...Object.fromEntries(
      ['-c', '--rootdir', '--confcutdir', '--config-file', '--ignore', '--deselect'].map((name) => [
        name,
        'read' as const,
      ]),
    ),
    '--pastebin': denied('it sends the output to the internet'),
    '--debug': denied('it writes a file of its own choice'),
  },
  otherOptions: 'flags',
  leadingGlob: true,
  check: (operands, context) => {
    for (const operand of operands) checkPath({ ...operand, text: operand.text.split('::')[0] ?? '' }, 'read', context);
  },
};

const coverage: Rule = {
  why: 'measures which code the tests reach',
  whole: (context) => {
    const [verb, ...words] = context.words;
    if (
      !verb ||
      !['run', 'report', 'html', 'xml', 'json', 'lcov', 'erase', 'combine', '--version'].includes(verb.text)
    ) {
      refuse(`coverage ${verb?.text ?? ''}`, 'use coverage run, report, html, xml, json, erase or combine');
    }
    if (verb.text !== 'run') {
      const options = {
        '-d': 'write',
        '-o': 'write',
        '--directory': 'write',
        '--rcfile': 'read',
        '--data-file': 'read',
        '--include': 'data',
        '--omit': 'data',
      } as const;
      return applyRule({ why: '', options, otherOptions: 'flags', operands: 'read' }, { ...context, words });
    }
    const at = words.findIndex((word) => word.text === '-m' || !word.text.startsWith('-'));
    checkOptions(
      { why: '', options: { '--rcfile': 'read', '--data-file': 'write' }, otherOptions: 'flags' },
      { ...context, words: words.slice(0, Math.max(0, at)) },
    );
    if (at >= 0) python({ ...context, name: 'python', words: words.slice(at) });
  },
};

const alembic: Rule = {
  why: 'makes and applies migrations',
  options: {
    '-c': 'read',
    '--config': 'read',
    '-x': 'data',
    '-n': 'data',
    '-m': 'data',
    '--message': 'data',
    '--version-path': 'write',
    '--rev-id': 'data',
    '-r': 'data',
  },
  otherOptions: 'flags',
  check: (operands, context) => {
    const [verb, ...rest] = operands;
    const verbs = [
      'upgrade',
      'downgrade',
      'revision',
      'current',
      'history',
      'heads',
      'check',
      'stamp',
      'show',
      'branches',
      'merge',
      'init',
    ];
    if (verb && !verbs.includes(verb.text)) refuse(`alembic ${verb.text}`, `use one of ${verbs.join(', ')}`);
    for (const word of rest) {
      if (verb?.text === 'init') checkPath(word, 'write', context);
      else checkPathLike(word, context);
    }
  },
};

const uvicorn: Rule = {
  why: "serves the project's app",
  options: {
    '--host': 'data',
    '--port': 'data',
    '--workers': 'data',
    '--log-level': 'data',
    '--loop': 'data',
    '--http': 'data',
    '--root-path': 'data',
    '--reload-dir': 'read',
    '--app-dir': 'read',
    '--env-file': 'read',
    '--log-config': 'read',
    '--uds': denied('a server listens on a TCP port'),
    '--fd': denied('a server listens on a TCP port'),
  },
  otherOptions: 'flags',
  operands: 'data',
};

const ruff: Rule = {
  why: "checks and formats the project's code",
  options: {
    '--config': 'read',
    '--output-file': 'write',
    '-o': 'write',
    '--select': 'data',
    '--ignore': 'data',
    '--cache-dir': 'write',
    '--line-length': 'data',
    '--target-version': 'data',
  },
  otherOptions: 'flags',
  leadingGlob: true,
};
const black: Rule = {
  why: "formats the project's code",
  options: { '-c': 'data', '--code': 'data', '--config': 'read', '-l': 'data', '-t': 'data' },
  otherOptions: 'flags',
  leadingGlob: true,
};
const mypy: Rule = {
  why: "checks the project's types",
  options: {
    '-p': 'data',
    '-m': 'data',
    '-c': 'data',
    '--config-file': 'read',
    '--cache-dir': 'write',
    '--python-executable': denied('it runs another program'),
    '--install-types': denied('it installs packages'),
  },
  otherOptions: 'flags',
  leadingGlob: true,
};

const pip: Rule = {
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

/** Modules that `python -m` may run, each by the rule of its program where it has one. */
const MODULES: Readonly<Record<string, Rule>> = {
  pytest,
  coverage,
  alembic,
  uvicorn,
  ruff,
  black,
  mypy,
  pip,
  venv: {
    why: 'makes an environment',
    options: flags('--clear', '--upgrade-deps', '--upgrade', '--without-pip'),
    operands: 'write',
  },
  unittest: { why: 'runs tests', otherOptions: 'flags' },
  compileall: { why: 'compiles', otherOptions: 'flags' },
  py_compile: { why: 'compiles', otherOptions: 'flags' },
  'json.tool': {
    why: 'formats JSON',
    options: { ...flags('--compact', '--sort-keys', '--no-ensure-ascii', '--json-lines'), '--indent': 'data' },
    check: (operands, context) =>
      operands.forEach((word, index) => {
        checkPath(word, index === 0 ? 'read' : 'write', context);
      }),
  },
  timeit: { why: 'measures', otherOptions: 'flags', operands: 'data' },
  this: { why: 'prints', operands: 'data' },
};
const OWN_MODULE = /^(app|src|scripts|tests|backend|migrations)(\.\w+)*$/;
const INTERPRETER_FLAGS = /^-([uBOEsSIqvVb]+|OO|-version|-help|h)$/;

function python(context: RuleContext): void {
  const words = [...context.words];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const { text } = word;
    if (text === '-m' || /^-m\w/.test(text))
      return pythonModule(text === '-m' ? (words.shift() ?? word) : { ...word, text: text.slice(2) }, words, context);
    if (text === '-c') return scriptArguments([words.shift() ?? word].slice(1).concat(words), context);
    if (text === '-') return scriptArguments(words, context);
    if (text === '-W' || text === '-X') words.shift();
    else if (INTERPRETER_FLAGS.test(text) || /^-[WX]\w/.test(text)) continue;
    else if (text.startsWith('-'))
      refuse(`the option ${text} of python`, 'use python file.py, python -m module or python -c code');
    else {
      checkPath(word, 'read', context);
      return scriptArguments(words, context);
    }
  }
  const informs = context.words.some((word) => /^-(V|h|-version|-help|VV)$/.test(word.text));
  if (!informs && !context.fed)
    refuse('python without a script would wait for input', 'use python file.py, -m module or -c code');
}

function pythonModule(module: Word, words: readonly Word[], context: RuleContext): void {
  const rule = MODULES[module.text];
  if (rule) return applyRule(rule, { ...context, name: module.text, words });
  if (!OWN_MODULE.test(module.text)) {
    refuse(
      `python -m ${module.text}`,
      `use one of ${Object.keys(MODULES).join(', ')}, or a module of the project (app.…, scripts.…)`,
    );
  }
  scriptArguments(words, context);
}

function scriptArguments(words: readonly Word[], context: RuleContext): void {
  for (const word of words) {
    if (word.splits) checkKind('data', word, context);
    checkPathLike(word, context);
  }
}

const interpreter: Rule = { why: 'runs code of the project; the sandbox bounds what it may do', whole: python };

export const pythonRules: Rules = {
  python: interpreter,
  python3: interpreter,
  'python3.11': interpreter,
  'python3.12': interpreter,
  'python3.13': interpreter,
  pip,
  pip3: pip,
  pytest,
  coverage,
  alembic,
  uvicorn,
  ruff,
  black,
  mypy,
};
