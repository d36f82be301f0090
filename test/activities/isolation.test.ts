import { expect, test } from '@jest/globals';
import { isolationOf } from '../../activities/isolation.js';
import { type SandboxBackend, sandboxBackend } from '../../activities/security/sandbox-backend.js';
import { explain } from '../../activities/security/sandbox-probe.js';
import { openUnsandboxed } from '../../activities/security/unsandboxed.js';
import { DEFAULT_SETTINGS } from '../../workflows/contract.js';
import { describeSandboxed } from './security/sandbox-fixture.js';

const offline = { settings: { ...DEFAULT_SETTINGS, model: 'offline' } };
const live = { settings: { ...DEFAULT_SETTINGS, model: 'claude-sonnet-5-5' } };
const REFUSED = 'bwrap: setting up uid map: Permission denied';

/** A machine whose kernel refuses user namespaces. */
const refusing: SandboxBackend = {
  name: 'bubblewrap',
  probe: async () => explain(REFUSED),
  open: () => Promise.reject(new Error('must not be opened')),
};

test('where no sandbox starts a live model is refused with the cause and the cure', async () => {
  await expect(isolationOf(live, refusing)).rejects.toMatchObject({
    type: 'WorkspaceRefused',
    message: expect.stringMatching(
      /AppArmor.*uid map: Permission denied.*To mend it: load an AppArmor profile.*--allow-unsandboxed/s,
    ),
  });
});

test('there it starts only when a person said so, and the offline model always; both say that there is none', async () => {
  const said = await isolationOf({ settings: { ...live.settings, allowUnsandboxed: true } }, refusing);
  expect(said).toMatchObject({ sandboxed: false, line: expect.stringMatching(/^none \(AppArmor/) });
  expect(await isolationOf(offline, refusing)).toMatchObject({ sandboxed: false, open: openUnsandboxed });
  expect((await isolationOf(offline, sandboxBackend('darwin'))).line).toBe(
    'none (no sandbox is implemented for darwin)',
  );
});

test('a sandbox that lets one attack through starts no live model, even when a person allowed none at all', async () => {
  const paper: SandboxBackend = {
    name: 'paper',
    probe: async () => ({
      available: true,
      version: '1',
      abilities: { nestedNamespacesOff: true, systemCallFilter: true },
    }),
    open: openUnsandboxed,
  };
  await expect(isolationOf(live, paper)).rejects.toMatchObject({
    type: 'WorkspaceRefused',
    message: expect.stringMatching(/does not hold on this machine.*write-outside/s),
  });
});

describeSandboxed('where a sandbox starts', () => {
  test('a live model gets it once it has refused every attack, and progress names it', async () => {
    expect(await isolationOf(live)).toMatchObject({ sandboxed: true, line: expect.stringMatching(/^bubblewrap \d/) });
  });
});
