/**
 * Finds bubblewrap, the boundary of the agent's processes: PATH, else installed when root on Debian or Ubuntu, else the
 * exact command is said. Whether it can start here is the sandbox's own self-test.
 */
import { readFileSync } from 'node:fs';
import { environmentWithout } from '../../config/environment.js';
import { run } from '../host-process.js';
import { type Chain, type Found, onPath, type Resolution } from './resolution.js';

const INSTALL = 'apt-get install -y --no-install-recommends bubblewrap';

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
  return { found: false, what: 'bubblewrap', tried, ways: [installCommand(isRoot)] };
}

/** The command that installs it on this system, read from os-release. */
function installCommand(isRoot: boolean): string {
  const prefix = isRoot ? '' : 'sudo ';
  const release = osRelease();
  if (/debian|ubuntu/.test(release)) return `${prefix}apt-get update && ${prefix}${INSTALL}`;
  if (/fedora|rhel|centos/.test(release)) return `${prefix}dnf install -y bubblewrap`;
  if (/arch/.test(release)) return `${prefix}pacman -S --noconfirm bubblewrap`;
  if (/alpine/.test(release)) return `${prefix}apk add bubblewrap`;
  if (process.platform !== 'linux') return 'bubblewrap exists for Linux only: use --model offline, or a Linux machine';
  return 'install the package bubblewrap with your package manager';
}

function osRelease(): string {
  try {
    return (
      readFileSync('/etc/os-release', 'utf8')
        .match(/^ID(_LIKE)?=.*$/gm)
        ?.join(' ') ?? ''
    );
  } catch {
    return '';
  }
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
