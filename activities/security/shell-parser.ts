/**
 * Text to syntax tree by bash's true grammar (tree-sitter). Fails closed: what doesn't parse completely is refused.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Language, type Node, Parser, type Tree } from 'web-tree-sitter';
import { refuse } from './refusal.js';

const MAX_BYTES = 8 * 1024;
const MAX_PARSE_MS = 50;
/** Far above what 40 commands need; bounds the walk without a clock. */
const MAX_NODES = 4_000;

export type ShellNode = Node;
/** Calls `use` with the tree of the text; the tree is freed afterwards. */
export type ShellParser = <T>(text: string, use: (root: ShellNode) => T) => T;

let grammar: Promise<Language> | null = null;

export async function createShellParser(): Promise<ShellParser> {
  grammar ??= loadGrammar();
  const language = await grammar;
  const parser = new Parser();
  parser.setLanguage(language);
  return (text, use) => parse(parser, text, use);
}

async function loadGrammar(): Promise<Language> {
  await Parser.init();
  return Language.load(await readFile(fileURLToPath(import.meta.resolve('tree-sitter-bash/tree-sitter-bash.wasm'))));
}

function parse<T>(parser: Parser, text: string, use: (root: ShellNode) => T): T {
  refuseUnusualText(text);
  // A second try: on a busy machine the first may have waited for the processor.
  const tree = parsedInTime(parser, text) ?? parsedInTime(parser, text);
  if (tree === null) {
    refuse('the command takes too long to parse', 'write a shorter one');
  }
  try {
    const root = tree.rootNode;
    if (root.hasError) refuse('this is not complete bash', 'check quotes, brackets and the end of here-documents');
    if ((text.slice(0, root.startIndex) + text.slice(root.endIndex)).replaceAll('\\\n', '').trim() !== '') {
      refuse('text around the command that is none', 'write the command alone');
    }
    requireWhole(root);
    if (root.descendantCount > MAX_NODES) refuse('the command is too complex', 'split it into several calls');
    return use(root);
  } finally {
    tree.delete();
  }
}

function parsedInTime(parser: Parser, text: string): Tree | null {
  const deadline = performance.now() + MAX_PARSE_MS;
  const tree = parser.parse(text, null, { progressCallback: () => performance.now() > deadline });
  if (tree === null) parser.reset();
  return tree;
}

/** Kinds whose parts bash reads from one line. */
const ONE_LINE = new Set([
  ...['command', 'declaration_command', 'variable_assignment', 'variable_assignments', 'concatenation'],
  ...['file_redirect', 'herestring_redirect', 'test_command', 'unary_expression', 'binary_expression'],
]);
/** Their text between the children is content. */
const TEXTUAL = new Set(['string', 'heredoc_body', 'translated_string']);

/**
 * Nothing may stand in the source that no node stands for. The grammar reads over a line end before a backslash (`ls`,
 * newline, `\\wget` are two commands to bash) and drops a dash before a here-document (which the walk puts back).
 */
function requireWhole(node: Node): void {
  let end = node.startIndex;
  for (const child of node.children) {
    if (!child) continue;
    const gap = node.text.slice(Math.max(0, end - node.startIndex), child.startIndex - node.startIndex);
    const rest = gap.replaceAll('\\\n', '');
    const blank = ONE_LINE.has(node.type)
      ? /^[ \t]*$/
      : child.type === 'heredoc_redirect'
        ? /^[ \t]*(-[ \t]*)?$/
        : /^\s*$/;
    if (!TEXTUAL.has(node.type) && !blank.test(rest)) {
      const what =
        rest.trim() === ''
          ? 'a line end inside a command'
          : `the text ${rest.trim().slice(0, 40)} that can't be placed`;
      refuse(what, 'write each command on a line of its own, plainly');
    }
    end = child.endIndex;
    requireWhole(child);
  }
}

/** Texts on which two parsers could disagree, before either sees them. */
function refuseUnusualText(text: string): void {
  if (text.trim() === '') refuse('the command is empty', 'give a command');
  if (Buffer.byteLength(text) > MAX_BYTES) {
    refuse('the command is longer than 8 kB', 'write long content with the editor tool, then run a short command');
  }
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const control = (code < 32 && character !== '\n' && character !== '\t') || (code >= 0x7f && code <= 0x9f);
    const blank = code > 0x7f && /[\s\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]/u.test(character);
    const reserved = code === 0xfffb || code === 0xfffc || code === 0xfffd || (code >= 0xd800 && code <= 0xdfff);
    if (control || blank || reserved) {
      refuse(
        `the character U+${code.toString(16).padStart(4, '0')} is not allowed in a command`,
        'use plain spaces and newlines',
      );
    }
  }
  if (/[^\s\\]\\\n\S/.test(text) || text.endsWith('\\')) {
    refuse('a line break inside a word', 'end the line with a space before the backslash');
  }
}
