/**
 * The independent second parser: on plain one-line commands shell-quote must see the same words in the same order.
 * It never allows anything; a disagreement denies.
 */
import { parse } from 'shell-quote';
import type { ShellNode } from './shell-parser.js';
import { unescaped } from './shell-word.js';

/** Beyond these, shell-quote is known to read something else than bash does, so it has no say. */
const NOT_PLAIN = /[\n`$#<>(){}~!*?[\]\\=]|\d>/;

/** True when the two parsers disagree about a command that both should understand. */
export function disagrees(text: string, root: ShellNode): boolean {
  if (NOT_PLAIN.test(text) || !isPlain(root)) return false;
  const theirs = parse(text).map((entry) => (typeof entry === 'string' ? entry : 'op' in entry ? entry.op : '#'));
  return JSON.stringify(theirs.filter((word) => !OPERATORS.has(word))) !== JSON.stringify(leafWords(root));
}

const PLAIN_KINDS = new Set(['program', 'list', 'pipeline', 'command', 'command_name']);

/** Commands and operators only: shell-quote takes `then` and `do` for words. */
function isPlain(node: ShellNode): boolean {
  if (!PLAIN_KINDS.has(node.type))
    return ['word', 'number', 'string', 'raw_string', 'concatenation'].includes(node.type);
  return node.namedChildren.every((child) => child === null || isPlain(child));
}

const OPERATORS = new Set([';', '&', '&&', '||', '|', '|&']);

function leafWords(node: ShellNode): string[] {
  switch (node.type) {
    case 'word':
    case 'number':
      return [unescaped(node.text).text];
    case 'raw_string':
      return [node.text.slice(1, -1)];
    case 'string':
      return [node.text.slice(1, -1)];
    case 'concatenation':
      return [node.children.flatMap((child) => (child ? leafWords(child) : [])).join('')];
    case 'variable_name':
      return [node.text];
    default:
      return node.namedChildren.flatMap((child) => (child ? leafWords(child) : []));
  }
}
