/**
 * What is known of a substitution's output from its programs alone. Decides nothing: its commands are checked elsewhere.
 */
import type { ShellNode } from './shell-parser.js';
import { PROJECT_PATHS, UNKNOWN } from './shell-word.js';

/** What names one revision; none of them can begin with a dash. */
const REVISIONS =
  /^git (rev-parse( --short)? HEAD|rev-parse --abbrev-ref HEAD|branch --show-current|merge-base [\w/]+ [\w/]+|describe --tags --always)$/;

/** A revision, a number, a list of paths inside the project, or text that is only known at run time. */
export function substitutionValue(node: ShellNode): string {
  const text = node.text.replace(/^\$\(/, '').replace(/\)$/, '').trim();
  if (/^(seq [\d ]+|date \+%s|wc -l < [\w./-]+|lsof -t[\w: -]*|lsof -ti[\w:]*)$/.test(text)) return '1';
  if (REVISIONS.test(text)) return 'HEAD';
  const stages = text.split('|').map((stage) => stage.trim());
  const [source = '', ...filters] = stages;
  const lists = /^(git ls-files|git diff --name-only|find [\w./-]+|grep -r?l)( [\w./*'"=-]+)*$/.test(source);
  const narrowed = filters.every((stage) => /^(head|tail|sort|uniq|grep)( [\w./*'"^$\\-]+)*$/.test(stage));
  return lists && narrowed ? PROJECT_PATHS : UNKNOWN;
}
