/**
 * Finds bubblewrap, the boundary of the agent's processes: PATH, else installed when root on Debian or Ubuntu, else the
 * exact command is said. Whether it can start here is the sandbox's own self-test.
 */
import { environmentWithout } from '../../config/environment.js';
import { run } from '../host-process.js';
import { type Chain, type Found, onPath, type Resolution } from './resolution.js';
import { APT_INSTALL, BUBBLEWRAP, installLine } from './system-package.js';

const INSTALL = `${APT_INSTALL} ${BUBBLEWRAP.debian}`;

export async function resolveBubblewrap(chain: Chain): Promise<Resolution> {
  const present = await fromPath(chain, 'path');
  if (present) return present;
  const tried = ['PATH: no `bwrap`'];
  const aptGet = onPath(chain.environment, 'apt-get')[0];
  const isRoot = process.getuid?.() === 0;
  if (chain.install && isRoot && aptGet) {
    const problem = await install(chain, aptGet);
    const installed = problem === '' ? await fromPath(chain, 'apt') : null;
    if (installed) return installed;
    tried.push(`${INSTALL}: ${problem || 'bwrap is still not on PATH'}`);
  }
  return { found: false, what: 'bubblewrap', tried, ways: [installWay()] };
}

function installWay(): string {
  if (process.platform !== 'linux') return 'bubblewrap exists for Linux only: use --model offline, or a Linux machine';
  return installLine(BUBBLEWRAP) ?? 'install the package bubblewrap with your package manager';
}

async function fromPath(chain: Chain, kind: string): Promise<Found | null> {
  for (const file of onPath(chain.environment, 'bwrap')) {
    const { stdout } = await run(file, ['--version'], { timeoutMs: 10_000 });
    const version = /bubblewrap (\S+)/.exec(stdout)?.[1];
    if (version) return { found: true, kind, path: file, how: `bwrap on PATH (${file})`, version };
  }
  return null;
}

async function install(chain: Chain, aptGet: string): Promise<string> {
  const environment = { ...environmentWithout(chain.environment, []), DEBIAN_FRONTEND: 'noninteractive' };
  return chain.step('installing bubblewrap with apt-get (once, about 1 MB)', async () => {
    const update = await run(aptGet, ['update', '-q'], { timeoutMs: 120_000, environment });
    const args = INSTALL.split(' ').slice(1);
    const result = await run(aptGet, args, { timeoutMs: 180_000, environment });
    return result.exitCode === 0 ? '' : result.problem || update.problem;
  });
}
