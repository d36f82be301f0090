/**
 * The tools of a Python project, as data: their own options must not reach outside of the project.
 */
import { refuse } from '../refusal.js';
import { checkPath, checkPathLike, denied, type Rule } from './rule.js';

export const pytest: Rule = {
  why: "runs the project's tests",
  options: {
    ...Object.fromEntries(
      ['-k', '-m', '-p', '-W', '-n', '--tb', '--maxfail', '--durations', '--cov-fail-under'].map((name) => [
        name,
        'data' as const,
      ]),
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
    '-o': 'value',
    '--override-ini': 'value',
    '--cov': 'value',
    '--cov-report': 'value',
    '--cov-config': 'read',
    '--pastebin': denied('it sends the output to the internet'),
    '--debug': denied('it writes a file of its own choice'),
  },
  otherOptions: 'flags',
  leadingGlob: true,
  check: (operands, context) => {
    const list = operands.find(({ text }) => text.startsWith('@'));
    if (list) refuse(`pytest ${list.text} reads arguments from a file`, 'write them out');
    for (const operand of operands) checkPath({ ...operand, text: operand.text.split('::')[0] ?? '' }, 'read', context);
  },
};

export const alembic: Rule = {
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

export const uvicorn: Rule = {
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
  operands: 'value',
};

export const ruff: Rule = {
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
  check: ([verb, ...paths], context) => {
    const verbs = ['check', 'format', 'rule', 'config', 'version', 'clean'];
    if (verb && !verbs.includes(verb.text)) refuse(`ruff ${verb.text}`, 'use ruff check or ruff format');
    for (const word of paths) checkPath(word, 'read', context);
  },
};
export const black: Rule = {
  why: "formats the project's code",
  options: { '-c': 'data', '--code': 'data', '--config': 'read', '-l': 'data', '-t': 'data' },
  otherOptions: 'flags',
  leadingGlob: true,
};
export const mypy: Rule = {
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
