/** What docs/troubleshooting.md shows is what a person sees: its commands are typed, its messages come from where they are made. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { APIError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { modelFault } from '../../activities/agent/model-errors.js';
import { explain } from '../../activities/security/sandbox-probe.js';
import { packageRoot } from '../../config/locations.js';
import { viewOf } from '../../scripts/sandbox-view.js';
import { ceilingReached, NO_USAGE } from '../../workflows/usage.js';

const page = readFileSync(path.join(packageRoot, 'docs', 'troubleshooting.md'), 'utf8');

/** Each `$ command` of a console block with the output below it. */
const typed = [...page.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
  block
    .split(/^\$ /m)
    .filter((part) => part !== '')
    .map((part) => {
      const [command = '', ...output] = part.trimEnd().split('\n');
      return { command, output: output.join('\n') };
    }),
);

/** `…` stands for anything, over several lines where it ends one. */
function pattern(text: string): RegExp {
  const escaped = text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('[\\s\\S]*?')}$`);
}

describe('docs/troubleshooting.md', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(path.join(tmpdir(), 'nightshift-docs-'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('shows commands', () => {
    expect(typed.length).toBeGreaterThanOrEqual(8);
  });

  it.each(typed)(
    '$command prints what the page shows',
    ({ command, output }) => {
      const kept = Object.entries(process.env).filter(
        ([name]) => !/^(ANTHROPIC_|TEMPORAL_|NIGHTSHIFT_(?!CACHE$)|npm_|INIT_CWD$|NODE_OPTIONS$)/.test(name),
      );
      const { stdout, stderr } = spawnSync(
        'bash',
        ['-c', command.replaceAll('./nightshift', path.join(packageRoot, 'nightshift'))],
        {
          encoding: 'utf8',
          cwd: home,
          env: { ...Object.fromEntries(kept), NIGHTSHIFT_HOME: path.join(home, 'state') },
        },
      );
      const told = stdout.trim() === '' ? (stderr.trim().split('\n').at(-1) ?? '') : stdout.trim();
      expect(told).toMatch(pattern(output));
    },
    120_000,
  );

  it('shows what a wrong key leads to in the words of the build', () => {
    const error = APIError.generate(
      401,
      { error: { type: 'authentication_error' } },
      'invalid x-api-key',
      new Headers(),
    );
    const fault = modelFault(error, { failuresBefore: 0, now: 0, model: 'claude-sonnet-5-5' });
    if (fault.kind !== 'attention') throw new Error(fault.kind);
    expect(fault.attention.problem).toMatch(/^model claude-sonnet-5-5 answered 401: /);
    expect(page).toContain(`What to do: ${fault.attention.cure}`);
  });

  it('shows what a reached ceiling says', () => {
    const reached = ceilingReached({ ...NO_USAGE, costUsd: 30 }, { maxCostUsd: 30, maxTokens: null });
    expect(page).toContain(`Needs attention: ${reached?.problem}\nWhat to do: ${reached?.cure}`);
  });

  it('shows the line of a machine that refuses user namespaces', () => {
    expect(page).toContain(viewOf(explain('bwrap: No permissions to create new namespace')).line);
  });

  it("shows the way to the project's packages that the project's own README shows", () => {
    const template = readFileSync(
      path.join(packageRoot, 'activities', 'scaffold', 'templates', 'resource', 'README.md.eta'),
      'utf8',
    );
    const block = /```sh\n(python3 -m venv[\s\S]*?)```/.exec(page)?.[1] ?? '';
    for (const line of block.trim().split('\n')) expect(template).toContain(line);
  });
});
