/**
 * Walks a syntax tree and hands every program call and every redirection to the rules, with the working directories that
 * are possible there. Whitelist of statements: what isn't known is refused by name.
 */
import { refuse } from './refusal.js';
import { collectAssignments, PATH_VARIABLES, refuseName } from './shell-assignments.js';
import { programNode, type WalkHooks } from './shell-call.js';
import { Expander } from './shell-expansion.js';
import type { ShellNode } from './shell-parser.js';
import { droppedDash, Redirection, requirePath, restOfLine } from './shell-redirection.js';
import {
  CONDITIONAL,
  IGNORED,
  MAX_COMMANDS,
  PLAIN,
  REMOVING,
  SEQUENCES,
  TOKENS,
  UNSURE,
  union,
} from './shell-statements.js';
import { substitutionValue } from './shell-substitution.js';
import { testArguments } from './shell-test.js';
import { literal, settled, UNKNOWN, type Word } from './shell-word.js';

export function walkCommand(root: ShellNode, hooks: WalkHooks): void {
  new Walker(root, hooks).statement(root);
}

class Walker {
  readonly #hooks: WalkHooks;
  readonly #expander: Expander;
  readonly #redirection: Redirection;
  readonly #substitutions = new Map<number, string>();
  #cwds: readonly string[];
  #commands = 0;
  /** The command behind whose words the grammar has dropped a dash, before a here-document. */
  #dashAfter: number | null = null;
  /** Where the last command went when it was a `cd` that succeeded. */
  #lastCd: readonly string[] | null = null;
  /** A command so far may have removed directories. */
  #removes = false;

  constructor(root: ShellNode, hooks: WalkHooks) {
    this.#hooks = hooks;
    this.#cwds = [hooks.guard.root];
    this.#expander = new Expander({
      definitions: collectAssignments(root),
      cwds: () => this.#cwds,
      substitution: (node) => this.#substitution(node),
    });
    this.#redirection = new Redirection(this.#expander, (word, mode) =>
      requirePath(hooks.guard, this.#cwds, word, mode),
    );
  }

  statement(node: ShellNode, fed = false): void {
    if (!node.isNamed) this.#token(node);
    else if (SEQUENCES.has(node.type)) this.#sequence(node);
    else if (!IGNORED.has(node.type)) this.#compound(node, fed);
  }

  #compound(node: ShellNode, fed: boolean): void {
    if (node.type === 'list') this.#list(node, fed);
    else if (UNSURE.has(node.type)) this.#unsure(node, fed);
    else this.#simple(node, fed);
  }

  /** After these, success doesn't mean that the last `cd` in them changed the directory. */
  #unsure(node: ShellNode, fed: boolean): void {
    if (node.type === 'pipeline') this.#pipeline(node, fed);
    else if (node.type === 'subshell') this.#separately(() => this.#sequence(node));
    else if (node.type === 'for_statement') this.#for(node);
    else this.#sequence(node);
    this.#lastCd = null;
  }

  #simple(node: ShellNode, fed: boolean): void {
    if (node.type === 'redirected_statement') this.#redirected(node, fed);
    else if (node.type === 'command') this.#command(node, fed);
    else if (node.type === 'declaration_command') this.#export(node);
    else if (node.type === 'variable_assignment') this.#assignment(node);
    else if (node.type === 'test_command') this.#emit('test', testArguments(node, this.#expander), false);
    else if (node.type === 'variable_assignments') {
      for (const child of node.namedChildren) if (child) this.#assignment(child);
    } else refuse(`the construct ${node.type.replaceAll('_', ' ')}`, PLAIN);
  }

  #token(node: ShellNode): void {
    const text = node.type.trim();
    if (!TOKENS.has(text) && text !== '') refuse(`the token ${text}`, PLAIN);
  }

  #sequence(node: ShellNode): void {
    if (node.type === 'compound_statement' && node.children[0]?.type !== '{') {
      refuse('arithmetic (( … ))', 'use [ … ] to compare, and a Python script to compute');
    }
    const before = this.#cwds;
    for (const child of node.children) {
      if (!child) continue;
      if (child.nextSibling?.type === '&') this.#separately(() => this.statement(child));
      else this.statement(child);
      if (CONDITIONAL.has(node.type)) this.#cwds = union(before, this.#cwds);
    }
    if (node.type !== 'compound_statement') this.#lastCd = null;
    if (node.type === 'do_group' && this.#cwds.some((cwd) => !before.includes(cwd))) {
      refuse('a loop whose body changes the directory for good', 'write (cd dir && …) inside the loop');
    }
  }

  /** Runs `walk` and forgets the directories that it changed to. */
  #separately(walk: () => void): void {
    const before = this.#cwds;
    walk();
    this.#cwds = before;
    this.#lastCd = null;
  }

  /** Returns in `#cwds` where the whole list may end; `lastEntry` is where its last part starts. */
  #list(node: ShellNode, fed: boolean): readonly string[] {
    const before = this.#cwds;
    let entry = before;
    const or = node.children.some((child) => child?.type === '||');
    for (const child of node.children) {
      if (!child) continue;
      const here = this.#cwds;
      if (child.type === 'list') entry = this.#list(child, fed);
      else if (child.isNamed) {
        this.statement(child, fed);
        entry = here;
      } else this.#token(child);
      if (child.type === '&&') this.#cwds = this.#lastCd ?? this.#cwds;
      // After `||` the left side may have failed before it changed anything.
      if (or && child.isNamed) this.#cwds = union(this.#cwds, before);
    }
    if (or) this.#lastCd = null;
    return entry;
  }

  #pipeline(node: ShellNode, fed: boolean): void {
    const parts = node.namedChildren.filter((child) => child !== null);
    for (const child of node.children) if (child && !child.isNamed) this.#token(child);
    let first = true;
    for (const part of parts) {
      // `cd a && x | y` comes as a pipeline whose first part is the list: what it changed stays.
      const list = part.type === 'list' || (part.type === 'redirected_statement' && part.children[0]?.type === 'list');
      const before = this.#cwds;
      this.statement(part, fed || !first || node.children[0]?.type === '|');
      this.#cwds = first && list ? this.#cwds : before;
      first = false;
    }
  }

  #for(node: ShellNode): void {
    const values = node.childrenForFieldName('value').filter((child) => child !== null);
    for (const word of values.flatMap((value) => this.#expander.words(value)).flat()) {
      if (word.glob) requirePath(this.#hooks.guard, this.#cwds, word, 'read');
    }
    for (const child of node.children) if (child && !child.isNamed) this.#token(child);
    const body = node.childForFieldName('body');
    if (body) this.statement(body);
  }

  #redirected(node: ShellNode, fed: boolean): void {
    const redirects = node.childrenForFieldName('redirect').filter((child) => child !== null);
    const body = node.childForFieldName('body');
    this.#dashAfter = droppedDash(node, body, redirects[0]);
    let entry = this.#cwds;
    const isFed =
      fed || redirects.some((child) => child.type === 'heredoc_redirect' || child.text.trim().startsWith('<'));
    if (body?.type === 'list') entry = this.#list(body, isFed);
    else if (body) this.statement(body, isFed);
    const after = this.#cwds;
    this.#cwds = entry;
    for (const redirect of redirects) this.#redirection.check(redirect);
    this.#cwds = after;
    for (const rest of redirects.flatMap(restOfLine)) this.statement(rest);
  }

  #command(node: ShellNode, fed: boolean): void {
    const nameNode = programNode(node);
    let lists: Word[][] = [[]];
    let isFed = fed;
    for (const child of node.children) {
      if (!child || child.id === nameNode.id) continue;
      if (child.type === 'variable_assignment') this.#assignment(child);
      else if (child.type.endsWith('_redirect')) {
        isFed ||= child.type !== 'file_redirect' || child.text.trim().startsWith('<');
        this.#redirection.check(child);
      } else lists = this.#expander.append(lists, child);
    }
    if (this.#dashAfter === node.id) lists = this.#expander.append(lists, literal('-'));
    this.#emit(nameNode.text, lists, isFed);
  }

  #emit(name: string, lists: Word[][], fed: boolean): void {
    if (++this.#commands > MAX_COMMANDS)
      refuse(`more than ${MAX_COMMANDS} commands in one call`, 'split them into several calls');
    const cwds = this.#cwds;
    for (const words of lists) this.#hooks.call({ name, words, cwds, fed });
    this.#lastCd = null;
    if (name === 'cd') this.#changeDirectory(lists);
    if (REMOVING.has(name)) this.#removes = true;
  }

  /** After `cd x &&` the directory is x; after `cd x;` it is x only if x surely exists. */
  #changeDirectory(lists: Word[][]): void {
    const { guard } = this.#hooks;
    const targets = lists.flatMap(([word]) => this.#cwds.map((cwd) => guard.resolve(word?.text ?? '.', cwd) ?? cwd));
    this.#lastCd = [...new Set(targets)];
    const certain = !this.#removes && this.#lastCd.every((target) => guard.isDirectory(target));
    this.#cwds = certain ? this.#lastCd : union(this.#cwds, this.#lastCd);
  }

  #assignment(node: ShellNode): void {
    this.#lastCd = null;
    const name = node.childForFieldName('name')?.text ?? '';
    const value = node.childForFieldName('value');
    if (value === null) return;
    const texts = this.#expander.values(value);
    if (!PATH_VARIABLES.has(name)) return;
    for (const text of texts.flatMap((list) => list.split(':')))
      requirePath(this.#hooks.guard, this.#cwds, settled(text || '.'), 'read');
  }

  #export(node: ShellNode): void {
    if (node.children[0]?.type !== 'export')
      refuse(`the builtin ${node.children[0]?.type}`, 'use a plain assignment or export');
    for (const child of node.namedChildren) {
      if (!child) continue;
      if (child.type === 'variable_assignment') this.#assignment(child);
      else if (child.type !== 'variable_name') refuse(`export ${child.text}`, 'write export NAME=value');
      else refuseName(child.text);
    }
    this.#emit('export', [[]], false);
  }

  #substitution(node: ShellNode): string {
    const known = this.#substitutions.get(node.startIndex);
    if (known !== undefined) return known;
    this.#substitutions.set(node.startIndex, UNKNOWN);
    this.#separately(() => {
      for (const child of node.children) if (child) this.statement(child);
    });
    const value = substitutionValue(node);
    this.#substitutions.set(node.startIndex, value);
    return value;
  }
}
