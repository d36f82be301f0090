/**
 * Every text that a word of the syntax tree can become. Whitelist of node kinds: an unknown one is refused by name.
 */
import { refuse } from './refusal.js';
import { type Definition, isDefinite } from './shell-assignments.js';
import type { ShellNode } from './shell-parser.js';
import {
  bare,
  joined,
  type Piece,
  quoted,
  UNKNOWN,
  unescaped,
  unescapedInQuotes,
  type Word,
  wordsOf,
} from './shell-word.js';

const MAX_CANDIDATES = 48;
const MAX_DEPTH = 8;
const MAX_ARGUMENT_LISTS = 64;
/** Stands for any number: as an argument, one is as good as another. */
const SOME_NUMBER = '1';
const NUMERIC_VARIABLES = new Set(['?', '!', '$', '#', 'RANDOM', 'SECONDS', 'LINENO', 'UID', 'PPID']);
const ARITHMETIC_TOKENS = /^(\$\(\(|\)\)|\+|-|\*|\/|%|\(|\)|<|>|<=|>=|==|!=)$/;

export interface Surroundings {
  readonly definitions: readonly Definition[];
  /** Working directories possible at this point. */
  readonly cwds: () => readonly string[];
  /** Checks the commands inside `$(…)` and says what it yields. */
  readonly substitution: (node: ShellNode) => string;
}

export class Expander {
  constructor(readonly around: Surroundings) {}

  /** The argument lists that one written word can become. */
  words(node: ShellNode): Word[][] {
    return this.pieces(node, 0).map(wordsOf);
  }

  /** The lists, each made longer by what `next` can become. */
  append(lists: Word[][], next: ShellNode | Word): Word[][] {
    const candidates = 'glob' in next ? [[next]] : this.words(next);
    const longer = lists.flatMap((list) => candidates.map((words) => [...list, ...words]));
    if (longer.length > MAX_ARGUMENT_LISTS) {
      refuse('the arguments have too many possible values', 'use fewer variables');
    }
    return longer;
  }

  /** The single words that a value can become: assignments don't split or expand globs. */
  values(node: ShellNode): string[] {
    const pieces = this.pieces(node, 0);
    pieces.forEach(refuseTilde);
    return pieces.map((piece) => piece.text);
  }

  pieces(node: ShellNode, depth: number): Piece[] {
    if (depth > MAX_DEPTH) return [bare(UNKNOWN, 'v')];
    switch (node.type) {
      case 'word':
      case 'number':
      case 'brace_expression':
      case 'test_operator':
      case 'extglob_pattern':
      case 'regex':
        if (node.type !== 'brace_expression' && node.namedChildCount > 0) return unsupported(node);
        refuseBlanks(node.text);
        refuseHiddenExpansion(node.text);
        return [unescaped(node.text)];
      case 'raw_string':
        return [quoted(node.text.slice(1, -1))];
      case 'string':
        return this.#string(node, depth);
      case 'concatenation':
        return this.#concatenation(node, depth);
      default:
        return this.#expansion(node, false, depth);
    }
  }

  #string(node: ShellNode, depth: number): Piece[] {
    const text = node.text;
    let pieces: Piece[] = [quoted('')];
    let position = 1;
    const literalUpTo = (end: number): void => {
      const raw = text.slice(position, end);
      pieces = pieces.map((piece) => joined(piece, unescapedInQuotes(raw)));
    };
    for (const child of node.namedChildren) {
      if (!child || child.type === 'string_content') continue; // plain text is taken from the source, gaps included
      // An expansion's node may begin with the blanks before it.
      const blanks = child.text.length - child.text.trimStart().length;
      const start = child.startIndex - node.startIndex + blanks;
      literalUpTo(start);
      pieces = product(pieces, this.#expansion(child, true, depth));
      position = child.endIndex - node.startIndex;
    }
    literalUpTo(text.length - 1);
    refuseHiddenExpansion(literalSource(node).slice(1, -1));
    return pieces;
  }

  #concatenation(node: ShellNode, depth: number): Piece[] {
    let pieces: Piece[] = [bare('')];
    let position = node.startIndex;
    for (const child of node.children) {
      if (!child || child.startIndex !== position) return unsupported(node);
      pieces = product(pieces, this.pieces(child, depth));
      position = child.endIndex;
    }
    if (position !== node.endIndex) return unsupported(node);
    return pieces;
  }

  #expansion(node: ShellNode, inQuotes: boolean, depth: number): Piece[] {
    const mark = (text: string): Piece => (inQuotes ? quoted(text) : bare(text, 'v'));
    switch (node.type) {
      case 'simple_expansion':
        return this.#variable(node, node.text.trim().slice(1), depth).map(mark);
      case 'expansion': {
        const name = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(node.text.trim())?.[1];
        if (name === undefined) {
          refuse(`${node.text.trim()} computes a value`, 'use plain $NAME, or do it in a Python script');
        }
        return this.#variable(node, name, depth).map(mark);
      }
      case 'command_substitution':
        if (node.text.trim().startsWith('`')) unsupportedBackticks();
        return [mark(this.around.substitution(node))];
      case 'arithmetic_expansion':
        // Deeper down it is the value of a variable, checked where it is assigned.
        if (depth === 0) this.#requireNumbers(node);
        return [mark(SOME_NUMBER)];
      default:
        return unsupported(node);
    }
  }

  #variable(use: ShellNode, name: string, depth: number): string[] {
    if (NUMERIC_VARIABLES.has(name)) return [SOME_NUMBER];
    if (name === 'PWD') return [...this.around.cwds()];
    const definitions = this.around.definitions.filter((definition) => definition.name === name);
    const texts = new Set<string>();
    for (const definition of definitions) for (const text of this.#defined(definition, depth)) texts.add(text);
    if (!definitions.some((definition) => isDefinite(definition, use))) texts.add(UNKNOWN);
    return [...texts].slice(0, MAX_CANDIDATES + 1);
  }

  #defined(definition: Definition, depth: number): string[] {
    if (definition.append) return [UNKNOWN];
    if (definition.values.length === 0) return definition.loop ? [UNKNOWN] : [''];
    if (!definition.loop) {
      const pieces = definition.values.flatMap((value) => this.pieces(value, depth + 1));
      pieces.forEach(refuseTilde);
      return pieces.map(({ text }) => text);
    }
    const words = definition.values.flatMap((value) => this.pieces(value, depth + 1)).flatMap(wordsOf);
    return words.flatMap((word) => (word.glob ? globStandIn(word.text) : [word.text]));
  }

  /** Arithmetic evaluates what a variable holds, also `a[$(command)]`: so only numbers may take part. */
  #requireNumbers(node: ShellNode): void {
    for (const child of node.children) {
      if (!child) continue;
      if (child.type === 'variable_name' || child.type === 'simple_expansion') {
        const texts = this.#variable(child, child.text.trim().replace(/^\$/, ''), 1);
        if (texts.every((text) => /^\d*$/.test(text))) continue;
        refuse(`arithmetic on ${child.text.trim()}, which may not be a number`, 'compute it in a Python script');
      }
      const operation = child.type === 'binary_expression' || child.type === 'parenthesized_expression';
      if (operation) this.#requireNumbers(child);
      else if (!(/^\d+$/.test(child.text) || ARITHMETIC_TOKENS.test(child.text.trim()))) unsupported(child);
    }
  }
}

/** A loop over a pattern: its text as a name (checked as a path), so that `$f` can be followed. */
function globStandIn(text: string): string[] {
  const first = text.search(/[*?[]/);
  const slash = text.lastIndexOf('/', first);
  // Without a fixed folder a name could begin with a dash.
  return slash < 0 ? [UNKNOWN] : [text.replace(/[*?[\]]/g, 'x')];
}

/** The string's source without its expansions. */
function literalSource(node: ShellNode): string {
  let text = node.text;
  for (const child of [...node.namedChildren].reverse()) {
    if (!child || child.type === 'string_content') continue;
    text = text.slice(0, child.startIndex - node.startIndex) + text.slice(child.endIndex - node.startIndex);
  }
  return text;
}

export function product<T extends Piece>(left: readonly T[], right: readonly T[]): Piece[] {
  const pieces = left.flatMap((a) => right.map((b) => joined(a, b)));
  if (pieces.length > MAX_CANDIDATES) refuse('a word has too many possible values', 'use fewer variables in it');
  return pieces;
}

/** In what is assigned, bash expands a tilde at the start and behind each colon. */
function refuseTilde({ text, mask }: Piece): void {
  for (let index = 0; index < text.length; index++) {
    const starts = index === 0 || (text[index - 1] === ':' && mask[index - 1] !== 'q');
    if (text[index] === '~' && mask[index] !== 'q' && starts) {
      refuse('a value that names a home directory', 'use a path inside the project, written relative to it');
    }
  }
}

/** A word holds no blank that isn't escaped: the grammar reads over a line end before a backslash, bash doesn't. */
function refuseBlanks(raw: string): void {
  if (/\s/.test(raw.replace(/\\[\s\S]/g, '').replace(/^[ \t]+/, ''))) {
    refuse('a line end inside a command', 'write each command on a line of its own, without a backslash before it');
  }
}

/** Text that this parser took literally and that bash might expand: the two would disagree. */
function refuseHiddenExpansion(raw: string): void {
  const plain = raw.replace(/\\[\s\S]/g, '');
  if (/`|\$[A-Za-z0-9_({[*@#?$!'"-]/.test(plain))
    refuse(`the text ${raw.slice(0, 40)}`, 'put text with $ or ` between single quotes');
}

function unsupportedBackticks(): never {
  return refuse('backticks', 'write $(…)');
}

const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  process_substitution: ['process substitution <(…)', 'write the output to a file in the project first'],
  ansi_c_string: ["a string of the form $'…'", "use '…' or a here-document with a quoted delimiter"],
  translated_string: ['a string of the form $"…"', 'use "…"'],
  array: ['an array', 'use `for x in a b c`'],
};

function unsupported(node: ShellNode): never {
  const [what, instead] = NAMES[node.type] ?? [
    `the construct ${node.type.replaceAll('_', ' ')} (${node.text.slice(0, 40)})`,
    'write it out plainly',
  ];
  return refuse(what, instead);
}
