/**
 * Redirections and here-documents: where a command reads from and writes to.
 */
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
    if (operator === '>&-' || operator === '<&-') return;
    if (operator === '<>') refuse('a redirection that opens for reading and writing', 'use > or <');
    const targets = node.childrenForFieldName('destination').filter((child) => child !== null);
    const [target] = targets;
    if (!target || targets.length > 1) {
      refuse('words after a redirection', 'put redirections at the end of the command');
    }
    if ((operator === '>&' || operator === '<&') && /^[0-2]$/.test(target.text)) return;
    if (/^\/dev\/std(out|err)$/.test(target.text)) refuse(`> ${target.text}`, 'use >&2 or 2>&1');
    const [word, ...more] = this.expander.words(target).flat();
    if (!word || more.length > 0) {
      refuse(`the redirection target ${target.text} has several values`, 'write one file name');
    }
    this.requirePath(word, operator === '<' ? 'read' : 'write');
  }

  #heredoc(node: ShellNode): void {
    const start = node.children.find((child) => child?.type === 'heredoc_start')?.text ?? '';
    const body = node.children.find((child) => child?.type === 'heredoc_body')?.text ?? '';
    if (!/^['"\\]/.test(start) && /[$`\\]/.test(body)) {
      refuse('a here-document that bash would expand', `quote its delimiter: <<'${start || 'EOF'}'`);
    }
    if (node.childrenForFieldName('argument').length > 0) {
      refuse('words after a here-document', 'put the here-document at the end of the command');
    }
    for (const child of node.children) if (child?.type.endsWith('_redirect')) this.check(child);
  }
}
