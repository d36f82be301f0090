/**
 * Python and its modules. They run the project's code, which may do anything: the sandbox is the boundary. These rules
 * only keep the tools' own options from reaching outside of the project or to another index.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { flags } from './files.js';
import { pip } from './pip.js';
import { alembic, black, mypy, pytest, ruff, uvicorn } from './python-tools.js';
import {
  applyRule,
  checkKind,
  checkOptions,
  checkPath,
  checkPathLike,
  type Rule,
  type RuleContext,
  type Rules,
} from './rule.js';

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
    operands: 'remove', // it replaces an environment as a whole
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
  while (words[0] && isInterpreterFlag(words[0].text)) {
    const flag = words.shift();
    if (flag?.text === '-W' || flag?.text === '-X') words.shift();
  }
  const [what, ...rest] = words;
  if (what === undefined) requireInput(context);
  else if (what.text === '-m') pythonModule(rest[0] ?? what, rest.slice(1), context);
  else if (what.text === '-c') scriptArguments(rest.slice(1), context);
  else if (what.text === '-') scriptArguments(rest, context);
  else if (what.text.startsWith('-')) {
    refuse(`the option ${what.text} of python`, 'use python file.py, python -m module or python -c code');
  } else {
    checkPath(what, 'read', context);
    scriptArguments(rest, context);
  }
}

const isInterpreterFlag = (text: string): boolean => INTERPRETER_FLAGS.test(text) || /^-[WX]/.test(text);

function requireInput(context: RuleContext): void {
  const informs = context.words.some((word) => /^-(V|h|-version|-help|VV)$/.test(word.text));
  if (informs || context.fed) return;
  refuse('python without a script would wait for input', 'use python file.py, -m module or -c code');
}

function pythonModule(module: Word, words: readonly Word[], context: RuleContext): void {
  const rule = Object.hasOwn(MODULES, module.text) ? MODULES[module.text] : undefined;
  if (rule) {
    applyRule(rule, { ...context, name: module.text, words });
    return;
  }
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
