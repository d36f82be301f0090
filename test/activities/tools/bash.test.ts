import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf } from '../../../activities/security/holder.js';
import { type CommandResult, type Sandbox, SandboxLost } from '../../../activities/security/sandbox.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { type BashDeps, bashTool } from '../../../activities/tools/bash.js';
import { type SandboxSource, sandboxSource } from '../../../activities/tools/sandbox-source.js';
import type { ToolResult } from '../../../activities/tools/tool.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

let project: TemporaryDirectory;
let source: SandboxSource;
let opened = 0;
let denied: string[] = [];

beforeEach(async () => {
  project = await temporaryDirectory();
  opened = 0;
  denied = [];
  source = sandboxSource(() => {
    opened += 1;
    return openUnsandboxed({ projectDir: project.path, readOnly: [], environment: {}, path: [] });
  });
});
afterEach(async () => {
  await source.close();
  await project.remove();
});

const allowAll = { check: () => ({ verdict: 'allow' as const }) };

function run(input: unknown, deps: Partial<BashDeps> = {}, signal = new AbortController().signal): Promise<ToolResult> {
  const onDenied = (command: string, reason: string): void => void denied.push(`${command}: ${reason}`);
  return bashTool({ policy: allowAll, sandbox: source, onDenied, ...deps }).run(input, { signal });
}

/** A sandbox whose commands end as the test says. */
function sandboxThat(runs: () => Promise<Partial<CommandResult>>): SandboxSource & { readonly renewals: () => number } {
  const base = {
    exitCode: 0,
    output: '',
    stdout: '',
    truncatedBytes: 0,
    timedOut: false,
    durationMs: 1,
    background: false,
    refusedHosts: [],
    limits: [],
  };
  const sandbox = { run: async () => ({ ...base, ...(await runs()) }) } as unknown as Sandbox;
  let renewals = 0;
  return {
    current: async () => sandbox,
    renew: async () => {
      renewals += 1;
      return sandbox;
    },
    close: async () => undefined,
    renewals: () => renewals,
  };
}

describe('bash', () => {
  it('is the versioned tool that the model was trained on', () => {
    const { definition } = bashTool({ policy: allowAll, sandbox: source, onDenied: () => undefined });
    expect(definition).toEqual({ type: 'bash_20250124', name: 'bash' });
  });

  it('answers with the output and the exit code', async () => {
    expect(await run({ command: 'echo hello; pwd' })).toEqual({
      text: `hello\n${project.path}\n[exit code 0]`,
      isError: false,
    });
  });

  it('says so when there is no output, and marks a failure', async () => {
    expect(await run({ command: 'exit 3' })).toEqual({ text: '(no output)\n[exit code 3]', isError: true });
  });

  it('runs nothing that the policy refuses, and records it', async () => {
    const policy = { check: () => ({ verdict: 'deny' as const, reason: 'rm is not on the list' }) };
    const result = await run({ command: 'rm -rf /' }, { policy });
    expect(result).toEqual({
      text: 'Refused by the command policy, nothing was run: rm is not on the list',
      isError: true,
    });
    expect(denied).toEqual(['rm -rf /: rm is not on the list']);
    expect(opened).toBe(0);
  });

  it('cuts long output in the middle and says how much is missing', async () => {
    const { text } = await run({ command: 'seq 1 20000' });
    expect(text.length).toBeLessThan(32_000);
    expect(text.startsWith('1\n2\n')).toBe(true);
    expect(text).toContain('20000\n[exit code 0]');
    expect(text).not.toContain('\n10000\n');
  });

  it('stops a command at its time limit and says what to do', async () => {
    const result = await run({ command: 'echo begun; sleep 60' }, { timeoutMs: 300 });
    expect(result.isError).toBe(true);
    expect(result.text).toContain('begun\n[timed out after 0.3 s: the command was stopped.');
  });

  it('hands over what an aborted command had printed, as interrupted', async () => {
    const abort = new AbortController();
    const policy = {
      check: () => {
        setImmediate(() => abort.abort());
        return { verdict: 'allow' as const };
      },
    };
    const result = await run({ command: 'sleep 60' }, { policy }, abort.signal);
    expect(result.isError).toBe(true);
    expect(result.text).toMatch(/^interrupted: effect unknown; look before repeating\./);
  });

  it('names refused hosts and what is left running', async () => {
    const sandbox = sandboxThat(async () => ({
      output: 'no route\n',
      refusedHosts: ['example.org:443'],
      background: true,
    }));
    const { text } = await run({ command: 'x' }, { sandbox });
    expect(text.split('\n')).toEqual([
      'no route',
      '[network] refused: example.org:443',
      '[background] processes of this command still run; pkill ends them',
      '[exit code 0]',
    ]);
  });

  it('makes a new sandbox when one is lost, and says that servers are stopped', async () => {
    const sandbox = sandboxThat(async () => {
      throw new SandboxLost('killed');
    });
    const result = await run({ command: 'x' }, { sandbox });
    expect(result.isError).toBe(true);
    expect(result.text).toContain('Servers that ran in the background are stopped');
    expect(sandbox.renewals()).toBe(1);
  });

  it('restarts on request: what ran before is gone', async () => {
    const { text } = await run({ command: 'sleep 300 & echo $!' });
    const pid = Number.parseInt(text, 10);
    expect(identityOf(pid)).not.toBeNull();
    expect((await run({ restart: true })).text).toContain('Restarted');
    expect(identityOf(pid)).toBeNull();
    expect((await run({ command: 'echo again' })).text).toContain('again');
    expect(opened).toBe(2);
  });

  it.each([[{}], [{ command: '' }], [{ command: 7 }], ['ls']])('answers %j with what is missing', async (input) => {
    const result = await run(input);
    expect(result.isError).toBe(true);
    expect(result.text).toContain('bash:');
  });

  it('shows one short line in the live view', () => {
    const tool = bashTool({ policy: allowAll, sandbox: source, onDenied: () => undefined });
    expect(tool.describe({ command: 'pytest -q \\\n  tests' })).toBe('pytest -q \\ tests');
    expect(tool.describe({ command: 'x'.repeat(500) })).toHaveLength(120);
    expect(tool.describe({ restart: true })).toBe('restart');
  });
});
