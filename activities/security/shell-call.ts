/**
 * What the walk over a command hands to the rules.
 */
import type { PathGuard } from './path-guard.js';
import { refuse } from './refusal.js';
import type { ShellNode } from './shell-parser.js';
import type { Word } from './shell-word.js';

/** One program with one possible argument list. */
export interface Call {
  readonly name: string;
  readonly words: readonly Word[];
  readonly cwds: readonly string[];
  /** It reads a here-document or a pipe on its standard input. */
  readonly fed: boolean;
}

export interface WalkHooks {
  readonly guard: PathGuard;
  /** Checks one call; throws `Refusal`. */
  readonly call: (call: Call) => void;
}

/** The name of a command's program, which must be written plainly. */
export function programNode(command: ShellNode): ShellNode {
  const node = command.childForFieldName('name');
  if (node === null) refuse('a command without a name', 'name the program first');
  if (node.namedChildren[0]?.type !== 'word' || node.namedChildCount !== 1 || !/^([\w./-]+|:)$/.test(node.text)) {
    refuse(`the program name ${node.text} is quoted or computed`, 'write the name plainly');
  }
  return node;
}
