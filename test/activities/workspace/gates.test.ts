import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runGates } from '../../../activities/workspace/gates.js';
import type { VerifierParts } from '../../../activities/workspace/verifier.js';
import type { GateResult } from '../../../workflows/contract.js';
import { type CheckServices, openBestSandbox, startCheckServices } from '../../support/check-services.js';
import { type MiniProject, miniProject, verifierParts } from '../../support/mini-project.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

describe('runGates', () => {
  let services: CheckServices;
  let home: TemporaryDirectory;
  let project: MiniProject;
  let parts: VerifierParts;
  beforeAll(async () => {
    services = await startCheckServices();
  });
  afterAll(() => services.stop());
  beforeEach(async () => {
    home = await temporaryDirectory();
    project = await miniProject(path.join(home.path, 'notes'), services, openBestSandbox);
    parts = verifierParts(project, services, path.join(home.path, 'scratch'), openBestSandbox);
  });
  afterEach(async () => {
    await project.sandbox.close();
    await home.remove();
  });

  const shell = async (text: string): Promise<string> =>
    (await project.sandbox.run({ command: { shell: text }, timeoutMs: 9000 })).output;

  test('passes a clean project, gate by gate, and leaves nothing behind', async () => {
    const seen: GateResult[] = [];
    const gates = await runGates(parts, { commit: project.commit, onGate: (gate) => seen.push(gate) });
    expect(gates.map(({ name, passed }) => [name, passed])).toEqual([
      ['coverage', true],
      ['ruff', true],
      ['format', true],
      ['mypy', true],
      ['migrations', true],
    ]);
    expect(gates[0]?.detail).toBe('2 passed, 100.0 % of 39 statements; at least 85 % wanted');
    expect(seen).toHaveLength(5);
    expect(await readdir(parts.scratch)).toEqual([]);
  });

  test('fails each gate for its own reason, in the words of its tool', async () => {
    await shell(`sed -i 's/String(200))/String(200), index=True)/' app/database.py
      printf 'def unused() -> None:\\n    x = 1\\n    y: int = "s"\\n    z = 2\\n    z = 3\\n' > app/unused.py
      printf 'import os\\nx=1\\n' > app/ugly.py
      sed -i 's/^async def test_a_note_is_stored/async def skipped/' tests/test_notes.py
      sed -i 's/select = .*/select = ["F"]/' pyproject.toml`);
    const commit = (await project.git.commitAll('break every gate')) ?? '';
    const gates = await runGates(parts, { commit, coverageMin: 95 });
    const detail = Object.fromEntries(gates.map((gate) => [gate.name, gate.detail]));
    expect(gates.map((gate) => gate.passed)).toEqual([false, false, false, false, false]);
    expect(detail['coverage']).toMatch(/^1 passed, \d\d\.\d % of \d+ statements \(least: app\/\w+\.py 0\.0 %\)/);
    expect(detail['ruff']).toContain('F401');
    expect(detail['format']).toContain('app/ugly.py');
    expect(detail['mypy']).toContain('Incompatible types in assignment');
    expect(detail['migrations']).toMatch(/^alembic check: exit status \d+[\s\S]*add_index.*ix_notes_text/);
  });
});
