import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tellingUnmendable } from '../../activities/unmendable.js';
import { StateDamaged } from '../../config/damaged-state.js';

describe('a fault that no retry mends', () => {
  let project: string;
  beforeEach(() => {
    project = mkdtempSync(path.join(tmpdir(), 'unmendable-'));
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  const told = (error: unknown): Promise<unknown> =>
    tellingUnmendable(project, () => Promise.reject(error)).catch((refusal: unknown) => refusal);

  it('is a damaged state file: the build parks at once with its sentence', async () => {
    const refusal = await told(new StateDamaged('/s/ledger.json is not a ledger'));
    expect(refusal).toMatchObject({
      type: 'StateRefused',
      nonRetryable: true,
      message: '/s/ledger.json is not a ledger',
    });
  });

  it('is a full disk, wherever it stands in the chain of causes', async () => {
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/s/journal' });
    const refusal = await told(new Error('the journal', { cause: full }));
    expect(refusal).toMatchObject({
      type: 'StateRefused',
      nonRetryable: true,
      message: expect.stringContaining('the disk is full (ENOSPC at /s/journal)'),
    });
  });

  it('is a project that is gone: where it was, and both ways out', async () => {
    rmSync(project, { recursive: true });
    const refusal = await told(new Error('spawn failed'));
    expect(refusal).toMatchObject({
      type: 'WorkspaceRefused',
      nonRetryable: true,
      message: expect.stringContaining(`${project} is gone`),
    });
  });

  it('is not any other error: that one goes on as it is, to be tried again', async () => {
    const error = new Error('a server restarts');
    expect(await told(error)).toBe(error);
  });
});
