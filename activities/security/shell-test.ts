/**
 * `[ … ]` and `[[ … ]]` as the arguments of `test`. Double brackets evaluate arithmetic, also in what a variable holds.
 */
import { refuse } from './refusal.js';
import type { Expander } from './shell-expansion.js';
import type { ShellNode } from './shell-parser.js';
import { literal, type Word } from './shell-word.js';

const EVALUATING = new Set(['-v', '-R']);
const ARITHMETIC = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);
const EXPRESSIONS = new Set(['unary_expression', 'binary_expression']);
const OPERATORS = new Set(['=', '==', '!=', '=~', '<', '>', '!', '&&', '||']);
const BRACKETS = new Set(['[', '[[', ']', ']]']);

export function testArguments(node: ShellNode, expander: Expander): Word[][] {
  // `[]` is the name of a program to bash.
  if (!/^\[\[?\s[\s\S]*\s\]\]?$/.test(node.text)) refuse(`the test ${node.text}`, 'put blanks inside the brackets');
  const double = node.children[0]?.type === '[[';
  const lists = leaves(node).reduce<Word[][]>((done, leaf) => expander.append(done, leaf), [[]]);
  for (const word of lists.flat()) {
    if (EVALUATING.has(word.text)) refuse(`the test ${word.text}`, 'test with -n "$NAME"');
    if (double && ARITHMETIC.has(word.text)) refuse(`${word.text} between [[ ]]`, 'use single brackets: [ … ]');
  }
  return lists;
}

function leaves(node: ShellNode): (ShellNode | Word)[] {
  return node.children.flatMap((child): (ShellNode | Word)[] => {
    if (child === null || (node.type === 'test_command' && BRACKETS.has(child.type))) return [];
    if (EXPRESSIONS.has(child.type)) return leaves(child);
    if (child.isNamed) return [child];
    const text = child.type.trim();
    if (!OPERATORS.has(text)) refuse(`${text} in a test`, 'use plain [ … ] tests joined by && or ||');
    return text === '&&' || text === '||' ? [] : [literal(text)];
  });
}
