/**
 * The command policy: text in, verdict out, no effects. A guard rail for the agent's habits; python, node and the
 * project's own scripts run arbitrary code, so the boundary is the sandbox.
 */
import { createPathGuard, type FileFacts, hostFiles, type PathGuard } from './path-guard.js';
import { allowedByProject, NO_PROJECT_POLICY, type ProjectPolicy, refuseDenied } from './project-policy.js';
import { Refusal, refuse } from './refusal.js';
import { hintFor, ruleOf } from './rules/programs.js';
import { applyRule, type RuleContext } from './rules/rule.js';
import { disagrees } from './second-opinion.js';
import type { Call } from './shell-call.js';
import { createShellParser } from './shell-parser.js';
import { walkCommand } from './shell-walk.js';
import type { Word } from './shell-word.js';

/** The call that was refused, when it was one and not a construct of the shell. */
export interface RefusedCall {
  readonly program: string;
  readonly arguments: readonly string[];
}

export type Verdict =
  | { readonly verdict: 'allow' }
  | { readonly verdict: 'deny'; readonly reason: string; readonly call?: RefusedCall };

export interface Policy {
  /** May this shell command run in the project directory? The reason of a denial says what to write instead. */
  check(command: string): Verdict;
  /** May the editor tool read or write this path? Relative paths count from the project directory. */
  checkPath(path: string, mode: 'read' | 'write'): Verdict;
}

export interface PolicyOptions {
  /** Absolute path of the project; commands are taken to start there. */
  readonly projectDir: string;
  /** The file system that the path guard asks; default the host's. */
  readonly files?: FileFacts;
  /** What a person added for this project; default nothing. */
  readonly project?: ProjectPolicy;
}

interface Grounds {
  readonly guard: PathGuard;
  readonly project: ProjectPolicy;
}

const MAX_NESTED_RUNS = 3;

export async function createPolicy(options: PolicyOptions): Promise<Policy> {
  const parser = await createShellParser();
  const guard = createPathGuard(options.projectDir, options.files ?? hostFiles);
  const grounds: Grounds = { guard, project: options.project ?? NO_PROJECT_POLICY };
  return {
    check: (command) =>
      verdictOf(() =>
        parser(command, (root) => {
          walkCommand(root, { guard, call: (call) => checkCall(call, grounds, false, 0) });
          if (disagrees(command, root)) refuse('two parsers read this command differently', 'quote it more plainly');
        }),
      ),
    checkPath: (path, mode) =>
      verdictOf(() => {
        const problem = guard.problem(path, guard.root, mode);
        if (problem !== null) refuse(problem, 'use a path inside the project');
      }),
  };
}

/** Any exception denies. */
function verdictOf(check: () => void): Verdict {
  try {
    check();
    return { verdict: 'allow' };
  } catch (error) {
    if (error instanceof Refusal) {
      return { verdict: 'deny', reason: error.message, ...(error.call === null ? {} : { call: error.call }) };
    }
    const detail = error instanceof Error ? error.message : String(error);
    return { verdict: 'deny', reason: `the command could not be judged (${detail}). Instead: write it more plainly.` };
  }
}

/** A person's denials come first, then the built-in rules, then what a person allowed beyond them. */
function checkCall(call: Call, grounds: Grounds, bounded: boolean, depth: number): void {
  const context: RuleContext = {
    ...call,
    guard: grounds.guard,
    bounded,
    run: (words, inTime = bounded) => runNested(call, words, grounds, inTime, depth),
  };
  try {
    refuseDenied(grounds.project, call);
    refuseBeyond(
      () => checkBuiltIn(call, context),
      () => allowedByProject(grounds.project, context),
    );
  } catch (error) {
    if (error instanceof Refusal) error.call ??= { program: call.name, arguments: call.words.map(({ text }) => text) };
    throw error;
  }
}

function refuseBeyond(check: () => void, isAllowed: () => boolean): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof Refusal) || !isAllowed()) throw error;
  }
}

function checkBuiltIn(call: Call, context: RuleContext): void {
  if (isOwnScript(call, context.guard)) {
    checkScriptArguments(call);
    return;
  }
  const rule = ruleOf(call.name);
  if (rule === undefined) {
    const what = call.name.includes('/')
      ? `a program by its path: ${call.name}`
      : `the program ${call.name} is not on the list`;
    refuse(what, hintFor(call.name));
  }
  if (call.name.includes('/')) checkEnvironmentPath(call, context.guard);
  applyRule(rule, context);
}

/** `timeout 60 pytest`: the rest of the words is a command of its own. */
function runNested(call: Call, words: readonly Word[], grounds: Grounds, bounded: boolean, depth: number): void {
  const [name, ...rest] = words;
  if (name === undefined || name.unknown || name.glob || name.splits || depth >= MAX_NESTED_RUNS) {
    refuse(`${call.name} without a plain command`, `write ${call.name} … program arguments`);
  }
  if (BUILTINS.has(name.text)) refuse(`${call.name} ${name.text}`, `run ${name.text} by itself`);
  checkCall({ ...call, name: name.text, words: rest }, grounds, bounded, depth + 1);
}

const BUILTINS = new Set(['cd', 'export', 'set', 'exit', 'break', 'continue', 'wait', 'jobs', 'command', ':']);

/** `./init.sh` of the project itself. */
function isOwnScript(call: Call, guard: PathGuard): boolean {
  const inRoot = call.cwds.every((cwd) => guard.resolve(call.name, cwd) === `${guard.root}/init.sh`);
  return call.name === './init.sh' && inRoot;
}

function checkScriptArguments(call: Call): void {
  for (const word of call.words) {
    if (!/^[\w.=:-]*$/.test(word.text))
      refuse(`the argument ${word.text} of ${call.name}`, `run ${call.name} without it`);
  }
}

function checkEnvironmentPath(call: Call, guard: PathGuard): void {
  const directory = call.name.replace(/\/bin\/[^/]+$/, '');
  for (const cwd of call.cwds) {
    const problem = guard.problem(directory, cwd, 'read');
    if (problem !== null) refuse(problem, 'use the environment of the project');
  }
}
