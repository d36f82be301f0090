import path from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { resolveBubblewrap } from '../../../scripts/resolvers/bubblewrap.js';
import { silentStep } from '../../../scripts/resolvers/resolution.js';
import { program, scratchDirectory } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchDirectory>;
beforeEach(() => {
  scratch = scratchDirectory();
});
afterEach(() => scratch.remove());

const chain = (install: boolean) => ({
  environment: { PATH: scratch.path },
  cache: path.join(scratch.path, 'cache'),
  step: silentStep,
  install,
});

it('is found on PATH with its version', async () => {
  program(scratch.path, 'bwrap', 'echo bubblewrap 0.8.0');
  expect(await resolveBubblewrap(chain(false))).toMatchObject({ kind: 'path', version: '0.8.0' });
});

it('is missed with one exact command', async () => {
  const missing = await resolveBubblewrap(chain(false));
  expect(missing.found).toBe(false);
  if (!missing.found) expect(missing.ways).toHaveLength(1);
});

const asRoot = process.getuid?.() === 0 ? it : it.skip;
asRoot('is installed by apt-get when we are root', async () => {
  const target = path.join(scratch.path, 'bwrap');
  const install = `if [ "$1" = install ]; then printf '#!/bin/sh\\necho bubblewrap 0.9.0\\n' > ${target}; /bin/chmod +x ${target}; fi`;
  program(scratch.path, 'apt-get', install);
  expect(await resolveBubblewrap(chain(true))).toMatchObject({ kind: 'apt', version: '0.9.0' });
});
