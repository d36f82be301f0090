/**
 * The whitelist of statements and tokens, as data. What isn't here is refused.
 */

export const MAX_COMMANDS = 40;
/** After these, a directory that is there now may be gone, or closed. */
export const REMOVING = new Set([
  'rm',
  'rmdir',
  'mv',
  'git',
  'chmod',
  'cp',
  './init.sh',
  'python',
  'python3',
  'node',
  'npm',
]);
/** What to write instead of a statement that isn't known. */
export const PLAIN = 'use plain commands joined by && or ;';
export const union = (a: readonly string[], b: readonly string[]): readonly string[] => [...new Set([...a, ...b])];

/** Statements whose parts run in the same shell, one after the other. */
export const SEQUENCES = new Set([
  'program',
  'compound_statement',
  'do_group',
  'else_clause',
  'elif_clause',
  'if_statement',
  'while_statement',
]);
/** Of these, parts may be left out, and with them a change of directory. */
export const CONDITIONAL = new Set(['if_statement', 'elif_clause', 'else_clause', 'while_statement']);
/** After these, what the last command in them did says nothing about the whole. */
export const UNSURE = new Set([...['pipeline', 'subshell', 'negated_command', 'for_statement']]);
/** Read by the redirection that holds them. */
export const IGNORED = new Set(['comment', 'heredoc_start', 'heredoc_body', 'heredoc_end']);
export const TOKENS = new Set([
  ';',
  '&',
  '&&',
  '||',
  '|',
  '|&',
  '(',
  ')',
  '{',
  '}',
  '\n',
  '!',
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'for',
  'in',
  'do',
  'done',
  'while',
  'until',
  '$(',
  '[',
  ']',
  '[[',
  ']]',
  '<<',
  'heredoc_start',
  'heredoc_end',
  'heredoc_body',
]);
