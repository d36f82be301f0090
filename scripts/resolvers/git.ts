/** Finds git, which keeps every generated project: PATH only; never installed by us. */
import { run } from '../host-process.js';
import { type Chain, onPath, type Resolution } from './resolution.js';
import { GIT, installLine } from './system-package.js';

export async function resolveGit(chain: Chain): Promise<Resolution> {
  for (const file of onPath(chain.environment, 'git')) {
    const { stdout } = await run(file, ['--version'], { timeoutMs: 10_000 });
    const version = /git version (\d\S*)/.exec(stdout)?.[1];
    if (version) return { found: true, kind: 'path', path: file, how: `git on PATH (${file})`, version };
  }
  const way = installLine(GIT) ?? 'install the package git with your package manager';
  return { found: false, what: 'git', tried: ['PATH: no `git`'], ways: [way] };
}
