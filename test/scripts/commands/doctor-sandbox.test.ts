import { expect, test } from '@jest/globals';
import { type SandboxBackend, sandboxBackend } from '../../../activities/security/sandbox-backend.js';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { doctorSandbox } from '../../../scripts/commands/doctor-sandbox.js';
import { describeSandboxed } from '../../activities/security/sandbox-fixture.js';

async function told(backend: SandboxBackend, options = {}): Promise<{ exitCode: number; text: string }> {
  const lines: string[] = [];
  const exitCode = await doctorSandbox(options, { terminal: { line: (line) => lines.push(line) } }, backend);
  return { exitCode, text: lines.join('\n') };
}

describeSandboxed('doctor --sandbox where one starts', () => {
  test('prints each attack as refused and ends with 0', async () => {
    const { exitCode, text } = await told(sandboxBackend());
    expect(text).toMatch(/^sandbox {5}bubblewrap \d/);
    expect(text.match(/^ {2}✓ [a-z0-9-]+ +refused$/gm)).toHaveLength(27);
    expect(text).toMatch(/27 of 27 attacks refused in \d+ ms: a live model may start$/);
    expect(exitCode).toBe(0);
  });
});

test('a sandbox that does not hold is shown open, attack by attack, and ends with 5', async () => {
  const probe = { available: true, version: '0', abilities: { nestedNamespacesOff: true, systemCallFilter: false } };
  const broken: SandboxBackend = {
    name: 'paper',
    probe: async () => ({ ...probe, available: true }),
    open: openUnsandboxed,
  };
  const { exitCode, text } = await told(broken);
  expect(exitCode).toBe(5);
  expect(text).toContain('✗ write-outside        OPEN');
  expect(text).toContain('note: no sandbox: commands run as this user');
  expect(text).toMatch(/this sandbox does not hold, so no live model starts/);
  expect(text).toContain('sandbox     paper 0 (no system-call filter (seccomp)');
});

test('where none starts, cause and cure are told, also as JSON, with exit 5', async () => {
  const { exitCode, text } = await told(sandboxBackend('darwin'));
  expect(exitCode).toBe(5);
  expect(text).toContain('none (no sandbox is implemented for darwin)');
  expect(text).toContain('to mend it: run the worker on Linux');
  const json = JSON.parse((await told(sandboxBackend('darwin'), { json: true })).text);
  expect(json).toMatchObject({ holds: false, cure: expect.stringContaining('Linux') });
});
