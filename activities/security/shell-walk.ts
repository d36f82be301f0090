/**
 * Walks a syntax tree and hands every program call and every redirection to the rules, with the working directories that
 * are possible there. Whitelist of statements: what isn't known is refused by name.
 */
import type { PathGuard } from './path-guard.js';
import { refuse } from './refusal.js';
import { collectAssignments, PATH_VARIABLES } from './shell-assignments.js';
import { Expander } from './shell-expansion.js';
import type { ShellNode } from './shell-parser.js';
import { literal, PROJECT_PATHS, UNKNOWN, type Word } from './shell-word.js';

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

const MAX_COMMANDS = 40;
const MAX_ARGUMENT_LISTS = 64;
/** Statements whose parts run in the same shell, one after the other. */
const SEQUENCES = new Set([
  'program',
  'compound_statement',
  'do_group',
  'else_clause',
  'elif_clause',
  'if_statement',
  'while_statement',
]);
/** Of these, parts may be left out, and with them a change of directory. */
const CONDITIONAL = new Set(['if_statement', 'elif_clause', 'else_clause', 'while_statement']);
const TOKENS = new Set([
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
const UNARY_EVALUATING = new Set(['-v', '-R']);
const ARITHMETIC_TESTS = new Set(['-eq', '-ne', '-lt', '-le', '-gt', '-ge']);

export function walkCommand(root: ShellNode, hooks: WalkHooks): void {
  new Walker(root, hooks).statement(root);
}

class Walker {
  readonly #hooks: WalkHooks;
  readonly #expander: Expander;
  readonly #substitutions = new Map<number, string>();
  #cwds: readonly string[];
  #commands = 0;
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
  }

  statement(node: ShellNode, fed = false): void {
    if (!node.isNamed) return this.#token(node);
    if (SEQUENCES.has(node.type)) return this.#sequence(node);
    switch (node.type) {
      case 'comment':
      case 'heredoc_start':
      case 'heredoc_body':
      case 'heredoc_end':
        return;
      case 'list':
        this.#list(node, fed);
        return;
      case 'pipeline':
        return this.#pipeline(node, fed);
      case 'subshell':
        return this.#separately(() => this.#sequence(node));
      case 'negated_command':
        return this.#sequence(node);
      case 'for_statement':
        return this.#for(node);
      case 'redirected_statement':
        return this.#redirected(node, fed);
      case 'command':
        return this.#command(node, [], fed);
      case 'declaration_command':
        return this.#export(node);
      case 'variable_assignment':
        return this.#assignment(node);
      case 'variable_assignments':
        for (const child of node.namedChildren) if (child) this.#assignment(child);
        return;
      case 'test_command':
        return this.#test(node);
      default:
        refuse(`the construct ${node.type.replaceAll('_', ' ')}`, 'use plain commands joined by && or ;');
    }
  }

  #token(node: ShellNode): void {
    const text = node.type.trim();
    if (!TOKENS.has(text) && text !== '') refuse(`the token ${text}`, 'use plain commands joined by && or ;');
  }

  #sequence(node: ShellNode): void {
    if (node.type === 'compound_statement' && node.children[0]?.type !== '{') {
      refuse('arithmetic (( … ))', 'use [ … ] to compare, and a Python script to compute');
    }
    const before = this.#cwds;
    for (const child of node.children) {
      if (!child) continue;
      this.statement(child);
      if (CONDITIONAL.has(node.type)) this.#cwds = union(before, this.#cwds);
    }
    if (node.type === 'do_group' && this.#cwds.some((cwd) => !before.includes(cwd))) {
      refuse('a loop whose body changes the directory for good', 'write (cd dir && …) inside the loop');
    }
  }

  /** Runs `walk` and forgets the directories that it changed to. */
  #separately(walk: () => void): void {
    const before = this.#cwds;
    walk();
    this.#cwds = before;
  }

  /** Returns in `#cwds` where the whole list may end; `lastEntry` is where its last part starts. */
  #list(node: ShellNode, fed: boolean): readonly string[] {
    const before = this.#cwds;
    let entry = before;
    const or = node.children.some((child) => child?.type === '||');
    for (const child of node.children) {
      if (!child) continue;
      if (child.isNamed) entry = child.type === 'list' ? this.#list(child, fed) : this.#enter(child, fed);
      else this.#token(child);
      if (child.type === '&&') this.#cwds = this.#lastCd ?? this.#cwds;
      // After `||` the left side may have failed before it changed anything.
      if (or && child.isNamed) this.#cwds = union(this.#cwds, before);
    }
    return entry;
  }

  #enter(node: ShellNode, fed: boolean): readonly string[] {
    const entry = this.#cwds;
    this.statement(node, fed);
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
    if (values.length === 0) refuse('a loop without a list', 'write `for x in a b c; do …; done`');
    for (const value of values)
      this.#expander
        .words(value)
        .flat()
        .forEach((word) => this.#loopWord(word));
    const body = node.childForFieldName('body');
    const header = new Set(values.map((value) => value.id));
    for (const child of node.children) {
      if (child && !header.has(child.id) && child.type !== 'variable_name' && child.id !== body?.id)
        this.statement(child);
    }
    if (body) this.statement(body);
  }

  #loopWord(word: Word): void {
    if (word.glob) this.#requirePath(word, 'read');
  }

  #redirected(node: ShellNode, fed: boolean): void {
    const redirects = node.childrenForFieldName('redirect').filter((child) => child !== null);
    const body = node.childForFieldName('body');
    let entry = this.#cwds;
    const isFed =
      fed || redirects.some((child) => child.type === 'heredoc_redirect' || child.text.trim().startsWith('<'));
    if (body?.type === 'list') entry = this.#list(body, isFed);
    else if (body) this.statement(body, isFed);
    const after = this.#cwds;
    this.#cwds = entry;
    for (const redirect of redirects) this.#redirect(redirect);
    this.#cwds = after;
    for (const redirect of redirects) this.#afterHeredoc(redirect);
  }

  #redirect(node: ShellNode): void {
    if (node.type === 'herestring_redirect') {
      for (const child of node.namedChildren) if (child) this.#expander.pieces(child, 0);
      return;
    }
    if (node.type === 'heredoc_redirect') return this.#heredoc(node);
    if (node.type !== 'file_redirect') refuse(`the redirection ${node.text}`, 'use > file, < file or 2>&1');
    const targets = node.childrenForFieldName('destination').filter((child) => child !== null);
    const operator = node.children.find((child) => child && !child.isNamed)?.type.trim() ?? '';
    if (operator === '>&-' || operator === '<&-') return;
    const [target] = targets;
    if (!target || targets.length > 1)
      refuse('words after a redirection', 'put redirections at the end of the command');
    if (operator === '<>') refuse('a redirection that opens for reading and writing', 'use > or <');
    if ((operator === '>&' || operator === '<&') && /^[0-2]$/.test(target.text)) return;
    if (target.text === '/dev/stderr' || target.text === '/dev/stdout') refuse(`> ${target.text}`, 'use >&2 or 2>&1');
    const [word, ...more] = this.#expander.words(target).flat();
    if (!word || more.length > 0)
      refuse(`the redirection target ${target.text} has several values`, 'write one file name');
    this.#requirePath(word, operator === '<' ? 'read' : 'write');
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
    for (const child of node.children) if (child?.type.endsWith('_redirect')) this.#redirect(child);
  }

  /** `cat <<'E' && ls` keeps the rest of the line below the here-document's node. */
  #afterHeredoc(node: ShellNode): void {
    if (node.type !== 'heredoc_redirect') return;
    for (const child of node.children) {
      if (!child || child.type.endsWith('_redirect') || child.type === 'file_descriptor') continue;
      if (child.type === '<<' || child.type === '<<-') continue;
      this.statement(child);
    }
  }

  #command(node: ShellNode, extra: readonly Word[], fed: boolean): void {
    const nameNode = node.childForFieldName('name');
    if (nameNode === null) refuse('a command without a name', 'name the program first');
    const raw = nameNode.text;
    if (nameNode.namedChildren[0]?.type !== 'word' || nameNode.namedChildCount !== 1 || !/^[\w./-]+$/.test(raw)) {
      refuse(`the program name ${raw} is quoted or computed`, 'write the name plainly');
    }
    let lists: Word[][] = [[...extra]];
    let isFed = fed;
    for (const child of node.children) {
      if (!child || child.id === nameNode.id) continue;
      if (child.type === 'variable_assignment') this.#assignment(child);
      else if (child.type.endsWith('_redirect')) {
        isFed ||= child.type !== 'file_redirect' || child.text.trim().startsWith('<');
        this.#redirect(child);
      } else lists = this.#append(lists, child);
    }
    this.#emit(raw, lists, isFed);
  }

  #append(lists: Word[][], node: ShellNode): Word[][] {
    const candidates = this.#expander.words(node);
    const longer = lists.flatMap((list) => candidates.map((words) => [...list, ...words]));
    if (longer.length > MAX_ARGUMENT_LISTS)
      refuse('the arguments have too many possible values', 'use fewer variables');
    return longer;
  }

  #emit(name: string, lists: Word[][], fed: boolean): void {
    if (++this.#commands > MAX_COMMANDS)
      refuse(`more than ${MAX_COMMANDS} commands in one call`, 'split them into several calls');
    const cwds = this.#cwds;
    for (const words of lists) this.#hooks.call({ name, words, cwds, fed });
    this.#lastCd = null;
    if (name === 'cd') this.#changeDirectory(lists);
    if (name === 'rm' || name === 'mv' || name === 'git') this.#removes = true;
  }

  /** After `cd x &&` the directory is x; after `cd x;` it is x only if x surely exists. */
  #changeDirectory(lists: Word[][]): void {
    const { guard } = this.#hooks;
    const targets = lists.flatMap(([word]) => this.#cwds.map((cwd) => guard.resolve(word?.text ?? '.', cwd) ?? cwd));
    this.#lastCd = [...new Set(targets)];
    const certain = !this.#removes && this.#lastCd.every((target) => guard.exists(target));
    this.#cwds = certain ? this.#lastCd : union(this.#cwds, this.#lastCd);
  }

  #assignment(node: ShellNode): void {
    const name = node.childForFieldName('name')?.text ?? '';
    const value = node.childForFieldName('value');
    if (value === null) return;
    const texts = this.#expander.values(value);
    if (!PATH_VARIABLES.has(name)) return;
    for (const text of texts.flatMap((list) => list.split(':'))) this.#requirePath(wordOf(text || '.'), 'read');
  }

  #export(node: ShellNode): void {
    if (node.children[0]?.type !== 'export')
      refuse(`the builtin ${node.children[0]?.type}`, 'use a plain assignment or export');
    for (const child of node.namedChildren) {
      if (!child) continue;
      if (child.type === 'variable_assignment') this.#assignment(child);
      else if (child.type !== 'variable_name') refuse(`export ${child.text}`, 'write export NAME=value');
    }
    this.#emit('export', [[]], false);
  }

  /** `[ … ]` is `test …`; `[[ … ]]` would evaluate arithmetic, also in what a variable holds. */
  #test(node: ShellNode): void {
    const double = node.children[0]?.type === '[[';
    let lists: Word[][] = [[]];
    const visit = (inner: ShellNode): void => {
      if (inner.type === 'unary_expression' || inner.type === 'binary_expression') {
        for (const child of inner.children) if (child) visit(child);
      } else if (inner.isNamed) lists = this.#append(lists, inner);
      else if (!TOKENS.has(inner.type)) lists = lists.map((list) => [...list, literal(inner.type.trim())]);
      else if (inner.type === '!') lists = lists.map((list) => [...list, literal('!')]);
      else if (!['&&', '||'].includes(inner.type)) this.#token(inner);
    };
    for (const child of node.children) if (child && !['[', '[[', ']', ']]'].includes(child.type)) visit(child);
    for (const word of lists.flat()) {
      if (UNARY_EVALUATING.has(word.text)) refuse(`the test ${word.text}`, 'test with -n "$NAME"');
      if (double && ARITHMETIC_TESTS.has(word.text)) refuse(`${word.text} between [[ ]]`, 'use single brackets: [ … ]');
    }
    this.#emit('test', lists, false);
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

  #requirePath(word: Word, mode: 'read' | 'write'): void {
    if (word.unknown || word.paths) refuse('a path that is only known at run time', 'write the path out');
    for (const cwd of this.#cwds) {
      const problem = this.#hooks.guard.problem(word.text, cwd, mode, word.glob);
      if (problem !== null) refuse(problem, 'use a path inside the project');
    }
  }
}

/** What is known of a substitution's output from its programs alone. */
function substitutionValue(node: ShellNode): string {
  const text = node.text.replace(/^\$\(/, '').replace(/\)$/, '').trim();
  if (/^(seq [\d ]+|date \+%s|wc -l < [\w./-]+|lsof -t[\w: -]*|lsof -ti[\w:]*)$/.test(text)) return '1';
  const stages = text.split('|').map((stage) => stage.trim());
  const [source = '', ...filters] = stages;
  const lists = /^(git ls-files|git diff --name-only|find [\w./-]+|grep -r?l)( [\w./*'"=-]+)*$/.test(source);
  const narrowed = filters.every((stage) => /^(head|tail|sort|uniq|grep)( [\w./*'"^$\\-]+)*$/.test(stage));
  return lists && narrowed ? PROJECT_PATHS : UNKNOWN;
}

const union = (a: readonly string[], b: readonly string[]): readonly string[] => [...new Set([...a, ...b])];
const wordOf = (text: string): Word => ({ ...literal(text), unknown: /[\ufffb\ufffc]/.test(text) });
