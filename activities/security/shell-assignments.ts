/**
 * Which values a variable can have at a place in a command: all assignments of the text, wherever they stand, because a
 * loop may run a later one first. Also holds which names may be set at all.
 */
import { refuse } from './refusal.js';
import type { ShellNode } from './shell-parser.js';

export interface Definition {
  readonly name: string;
  /** Nodes whose words are the possible values; empty = the empty text. */
  readonly values: readonly ShellNode[];
  /** The statement that assigns. */
  readonly statement: ShellNode;
  readonly loop: boolean;
  readonly append: boolean;
}

/** In these, every child statement runs in order in the same shell. */
const SEQUENCES = new Set(['program', 'compound_statement', 'do_group', 'list', 'subshell', 'command_substitution']);

export function collectAssignments(root: ShellNode): readonly Definition[] {
  const found: Definition[] = [];
  const visit = (node: ShellNode): void => {
    if (node.type === 'variable_assignment') found.push(assignment(node));
    if (node.type === 'for_statement') found.push(loop(node));
    for (const child of node.children) if (child) visit(child);
  };
  visit(root);
  return found;
}

/** True when the definition has run whenever `use` runs. */
export function isDefinite(definition: Definition, use: ShellNode): boolean {
  const { statement } = definition;
  if (definition.loop) return isInside(use, statement);
  const parent = statement.parent;
  if (parent === null || !SEQUENCES.has(parent.type) || statement.startIndex >= use.startIndex) return false;
  if (statement.nextSibling?.type === '&') return false; // set in a shell of its own
  return isInside(use, parent) && !isInside(use, statement);
}

function assignment(node: ShellNode): Definition {
  const name = node.childForFieldName('name');
  if (name === null || name.type !== 'variable_name') refuse('an array element is assigned', 'use plain variables');
  if (!/^[A-Za-z_]\w*$/.test(name.text) || !node.text.startsWith(name.text)) {
    refuse(`${node.text.slice(0, 40)} is no assignment to bash`, 'write NAME=value');
  }
  refuseName(name.text);
  const value = node.childForFieldName('value');
  if (value?.type === 'array') refuse('an array is assigned', 'use `for x in a b c`, or plain variables');
  const outer = node.parent;
  const group = outer?.type === 'variable_assignments' || outer?.type === 'declaration_command';
  return {
    name: name.text,
    values: value === null ? [] : [value],
    statement: group && outer ? outer : node,
    loop: false,
    append: node.children.some((child) => child?.type === '+='),
  };
}

function loop(node: ShellNode): Definition {
  const name = node.childForFieldName('variable');
  if (name === null) refuse('a loop without a variable', 'write `for x in a b c; do …; done`');
  refuseName(name.text);
  const values = node.childrenForFieldName('value').filter((child) => child !== null);
  if (values.length === 0) refuse('a loop without a list', 'write `for x in a b c; do …; done`');
  return { name: name.text, values, statement: node, loop: true, append: false };
}

function isInside(node: ShellNode, ancestor: ShellNode): boolean {
  return node.startIndex >= ancestor.startIndex && node.endIndex <= ancestor.endIndex;
}

/** Variables that choose which code a permitted program runs, or where it looks and sends. */
const FORBIDDEN: readonly RegExp[] = [
  /^(PATH|IFS|HOME|SHELL|PWD|OLDPWD|CDPATH|PS\d|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|POSIXLY_CORRECT|FPATH|TMPDIR|GLOBIGNORE|VIRTUAL_ENV|SSLKEYLOGFILE|_)$/,
  /^(BASH|LD_|DYLD_|GIT_|PIP_|UV_|NPM_|DOCKER_|COMPOSE_|SSL_|CURL_|SSH_|XDG_|LESS|MAN|HIST|JAVA_|PERL|RUBY|MALLOC_|COVERAGE_)/,
  /^npm_/i,
  /_proxy$/i,
  /(PAGER|EDITOR|BROWSER|ASKPASS)$/,
  /^(VISUAL|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|GLIBC_TUNABLES|OPENSSL_CONF|EXINIT|REQUESTS_CA_BUNDLE|ALL_PROXY)$/,
  /^(PSQLRC|PGSERVICEFILE|PGSYSCONFDIR|PGPASSFILE|PYTEST_ADDOPTS|PYTEST_PLUGINS|TERMINFO|TERMCAP|RES_OPTIONS|LOCALDOMAIN|histchars|SANDBOX_COMMAND)$/,
  /^NODE_(?!ENV$)/,
  /^PYTHON(?!(PATH|DONTWRITEBYTECODE|UNBUFFERED|HASHSEED|ASYNCIODEBUG|UTF8|FAULTHANDLER)$)/,
];
/** Settable, but only to paths inside the project. */
export const PATH_VARIABLES = new Set([
  'PYTHONPATH',
  'MYPYPATH',
  'MYPY_CACHE_DIR',
  'RUFF_CACHE_DIR',
  'BLACK_CACHE_DIR',
]);

export function refuseName(name: string): void {
  if (FORBIDDEN.some((pattern) => pattern.test(name))) {
    refuse(`the variable ${name} decides what other programs run or reach`, 'leave it as it is; it is set up already');
  }
}
