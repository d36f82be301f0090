/**
 * Redirections and here-documents: where a command reads from and writes to.
 */
import type { PathGuard } from './path-guard.js';
import { refuse } from './refusal.js';
import type { Expander } from './shell-expansion.js';
import type { ShellNode } from './shell-parser.js';
import type { Word } from './shell-word.js';

export class Redirection {
  constructor(
    readonly expander: Expander,
    readonly requirePath: (word: Word, mode: 'read' | 'write') => void,
  ) {}

  /** Throws `Refusal`. */
  check(node: ShellNode): void {
    if (node.type === 'herestring_redirect') {
      for (const child of node.namedChildren) if (child) this.expander.pieces(child, 0);
    } else if (node.type === 'heredoc_redirect') this.#heredoc(node);
    else if (node.type === 'file_redirect') this.#file(node);
    else refuse(`the redirection ${node.text}`, 'use > file, < file or 2>&1');
  }

  #file(node: ShellNode): void {
    const operator = node.children.find((child) => child && !child.isNamed)?.type.trim() ?? '';
    if (operator === '>&-' || operator === '<&-') {
      if (!/-$/.test(node.text)) refuse(`words after ${operator}`, 'put a blank behind it');
      return;
    }
    if (operator === '<>') refuse('a redirection that opens for reading and writing', 'use > or <');
    const targets = node.childrenForFieldName('destination').filter((child) => child !== null);
    const [target] = targets;
    if (!target || targets.length > 1) {
      refuse('words after a redirection', 'put redirections at the end of the command');
    }
    if ((operator === '>&' || operator === '<&') && /^[0-2]$/.test(target.text)) return;
    if (operator === '<&' || (operator === '>&' && /^[-\d]/.test(target.text))) {
      refuse(`the redirection ${node.text.trim()}`, 'use 2>&1, >&2, or > file');
    }
    if (/^\/dev\/std(out|err)$/.test(target.text)) refuse(`> ${target.text}`, 'use >&2 or 2>&1');
    const [word, ...more] = this.expander.words(target).flat();
    if (!word || more.length > 0) {
      refuse(`the redirection target ${target.text} has several values`, 'write one file name');
    }
    if (word.glob) refuse(`the pattern ${target.text} as a redirection target`, 'write one file name');
    this.requirePath(word, operator === '<' ? 'read' : 'write');
  }

  #heredoc(node: ShellNode): void {
    const start = node.children.find((child) => child?.type === 'heredoc_start');
    const body = node.children.find((child) => child?.type === 'heredoc_body')?.text ?? '';
    if (!start) refuse('a here-document without a delimiter', "write <<'EOF'");
    if (!/^['"\\]/.test(start.text) && /[$`\\]/.test(body)) {
      refuse('a here-document that bash would expand', `quote its delimiter: <<'${start.text}'`);
    }
    if (node.childrenForFieldName('argument').length > 0) {
      refuse('words after a here-document', 'put the here-document at the end of the command');
    }
    requireSameEnd(node, start);
    for (const child of node.children) if (child?.type.endsWith('_redirect')) this.check(child);
  }
}

/** Throws `Refusal` when the path may lead elsewhere from one of these directories. */
export function requirePath(guard: PathGuard, cwds: readonly string[], word: Word, mode: 'read' | 'write'): void {
  if (word.unknown || word.paths) refuse('a path that is only known at run time', 'write the path out');
  for (const cwd of cwds) {
    const problem = guard.problem(word.text, cwd, mode, word.glob);
    if (problem !== null) refuse(problem, 'use a path inside the project');
  }
}

/** `cat <<'E' && ls` keeps the rest of the line below the here-document's node. */
export function restOfLine(node: ShellNode): ShellNode[] {
  if (node.type !== 'heredoc_redirect') return [];
  const own = ['file_descriptor', '<<', '<<-'];
  return node.children.filter(
    (child) => child !== null && !child.type.endsWith('_redirect') && !own.includes(child.type),
  );
}

/** The command that a dash before a here-document belongs to: the grammar drops it (`python - <<'E'`). Else null. */
export function droppedDash(node: ShellNode, body: ShellNode | null, first: ShellNode | undefined): number | null {
  if (body === null || first === undefined) return null;
  const gap = node.text.slice(body.endIndex - node.startIndex, first.startIndex - node.startIndex);
  if (!gap.includes('-')) return null;
  if (body.type !== 'command') refuse('a dash before a here-document', 'put - right behind the program');
  return body.id;
}

/**
 * A second reading of where the body begins and ends, line by line as bash does it: with two here-documents on a line,
 * or a line break in a later word, the grammar's answer is another.
 */
function requireSameEnd(node: ShellNode, start: ShellNode): void {
  const source = node.tree.rootNode.text;
  const starts = node.tree.rootNode.descendantsOfType('heredoc_start');
  const alone = starts.filter((other) => other?.startPosition.row === start.startPosition.row).length === 1;
  const delimiter = start.text.replace(/['"\\]/g, '');
  const bodyStart = source.indexOf('\n', start.endIndex) + 1;
  const strip = node.children.some((child) => child?.type.trim() === '<<-');
  let position = bodyStart;
  for (const line of source.slice(bodyStart).split('\n')) {
    if ((strip ? line.replace(/^\t+/, '') : line) === delimiter) break;
    position += line.length + 1;
  }
  const end = node.children.find((child) => child?.type === 'heredoc_end');
  const body = node.children.find((child) => child?.type === 'heredoc_body');
  const endLine = end ? source.lastIndexOf('\n', end.startIndex) + 1 : -1;
  const restOfLine = source.slice(start.endIndex, Math.max(start.endIndex, bodyStart - 1));
  const closed = ['"', "'"].every((quote) => restOfLine.split(quote).length % 2 === 1) && !restOfLine.endsWith('\\');
  const agrees = closed && bodyStart > 0 && endLine === position && (!body || body.startIndex >= bodyStart);
  const plainName = /^(\w+|'\w+'|"\w+"|\\\w+)$/.test(start.text);
  if (!alone || !agrees || !plainName) {
    refuse('here-documents that share a line, or one whose end is unclear', 'use one here-document in a call');
  }
}
