/**
 * `bash`: the model's commands, past the policy and into the sandbox, never anywhere else. What goes wrong with a
 * command is a result that says so and what to do instead.
 */
import { z } from 'zod';
import { type CommandResult, SandboxLost } from '../security/sandbox.js';
import { inputProblems, oneLine } from './json-tool.js';
import { headAndTail, MAX_OUTPUT_CHARACTERS } from './output.js';
import type { SandboxSource } from './sandbox-source.js';
import { failed, ok, type Tool, type ToolResult } from './tool.js';

/** What the tool needs of the command policy (activities/security). */
export interface CommandPolicy {
  check(command: string): PolicyVerdict | Promise<PolicyVerdict>;
}

export type PolicyVerdict = { readonly verdict: 'allow' } | { readonly verdict: 'deny'; readonly reason: string };

export interface BashDeps {
  readonly policy: CommandPolicy;
  readonly sandbox: SandboxSource;
  /** For the log: which command was refused and why. */
  readonly onDenied: (command: string, reason: string) => void;
  /** Limit of one command in ms, default 120 s. */
  readonly timeoutMs?: number;
}

export const DEFAULT_COMMAND_TIMEOUT_MS = 120_000;

const bashInput = z.object({ command: z.string().optional(), restart: z.boolean().optional() });

export function bashTool(deps: BashDeps): Tool {
  return {
    name: 'bash',
    definition: { type: 'bash_20250124', name: 'bash' },
    describe: (input) => {
      const { command, restart } = bashInput.safeParse(input).data ?? {};
      return oneLine(restart === true ? 'restart' : (command ?? ''));
    },
    run: async (input, { signal }) => {
      const parsed = bashInput.safeParse(input);
      if (!parsed.success) return failed(inputProblems('bash', parsed.error));
      const { command, restart } = parsed.data;
      if (restart === true) return restarted(deps.sandbox);
      if (command === undefined || command.trim() === '') return failed('bash: give a command, or restart: true.');
      return checkAndRun(command, signal, deps);
    },
  };
}

async function restarted(sandbox: SandboxSource): Promise<ToolResult> {
  await sandbox.renew();
  return ok('Restarted: a fresh sandbox, nothing runs in it. The files of the project are as they were.');
}

async function checkAndRun(command: string, signal: AbortSignal, deps: BashDeps): Promise<ToolResult> {
  const verdict = await deps.policy.check(command);
  if (verdict.verdict === 'deny') {
    deps.onDenied(command, verdict.reason);
    return failed(`Refused by the command policy, nothing was run: ${verdict.reason}`);
  }
  const timeoutMs = deps.timeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS;
  const sandbox = await deps.sandbox.current();
  try {
    const result = await sandbox.run({
      command: { shell: command },
      timeoutMs,
      signal,
      outputBytes: MAX_OUTPUT_CHARACTERS,
    });
    return resultOf(result, timeoutMs, signal);
  } catch (error) {
    if (!(error instanceof SandboxLost)) throw error;
    if (signal.aborted) return failed(interrupted(''));
    await deps.sandbox.renew();
    return failed(LOST);
  }
}

const LOST =
  'The sandbox ended under this command: out of memory, or killed from inside. A new one is ready. Servers that ran in ' +
  'the background are stopped, /tmp is empty, the files of the project are as the command left them: look before ' +
  'you repeat it, and use less memory if it was a heavy one.';

function resultOf(result: CommandResult, timeoutMs: number, signal: AbortSignal): ToolResult {
  const output = headAndTail(result.output, MAX_OUTPUT_CHARACTERS + 1_000).trimEnd();
  if (result.exitCode === null && signal.aborted) return failed(interrupted(output));
  const text = [output === '' ? '(no output)' : output, ...statusLines(result, timeoutMs)].join('\n');
  return result.exitCode === 0 ? ok(text) : failed(text);
}

/** The first words are what a model and the rule-based one know an interrupted call by. */
function interrupted(output: string): string {
  const before = output === '' ? 'It had printed nothing.' : `Its output until then:\n${output}`;
  return `interrupted: effect unknown; look before repeating. The session was cut off while this ran. ${before}`;
}

function statusLines(result: CommandResult, timeoutMs: number): readonly string[] {
  return [
    ...result.refusedHosts.map((host) => `[network] refused: ${host}`),
    ...result.limits.map((limit) => `[limit] ${limit}`),
    ...(result.background && !result.timedOut
      ? ['[background] processes of this command still run; pkill ends them']
      : []),
    result.timedOut ? timeoutLine(timeoutMs) : `[exit code ${result.exitCode ?? 'none: the command was stopped'}]`,
  ];
}

const timeoutLine = (timeoutMs: number): string =>
  `[timed out after ${timeoutMs / 1_000} s: the command was stopped. Start a server in the background ` +
  '(`… > server.log 2>&1 &`), and run fewer tests at a time]';
