/**
 * The build's branch: `main` never loses a commit that Nightshift has recorded, and HEAD stands on it. Whatever the agent
 * did to either by other means than its rules allow, the files of the work tree stay as they are.
 */
import { type GitCall, MAIN_BRANCH, NO_COMMIT } from './git-call.js';

/**
 * Puts `main` back when it doesn't hold `recorded` (a commit that Nightshift made, null before the first) any more.
 * Returns a line for each thing that was not as it must be; the next commit of the work tree lands on `main`.
 */
export async function keepBranch(call: GitCall, recorded: string | null): Promise<readonly string[]> {
  const lines: string[] = [];
  const main = await call.resolve(MAIN_BRANCH);
  if (recorded !== null && !(await holds(call, main, recorded))) {
    if ((await call.resolve(recorded)) === null) return [`commit ${short(recorded)} is gone from the repository`];
    await call.must(['update-ref', MAIN_BRANCH, recorded, main ?? NO_COMMIT]);
    lines.push(`main had lost commit ${short(recorded)}: put back, the files stay as they are`);
  }
  const branch = (await call.run(['symbolic-ref', '--quiet', 'HEAD'])).stdout.trim();
  if (branch === MAIN_BRANCH) return lines;
  const where = branch === '' ? 'no branch' : branch.replace('refs/heads/', '');
  const [head, tip] = [await call.resolve('HEAD'), await call.resolve(MAIN_BRANCH)];
  const ahead = head !== null && (tip === null || (await holds(call, head, tip)));
  const what = ahead ? 'main is moved forward to it' : 'it went apart from main: put back on main, with the files';
  return [...lines, `HEAD stood on ${where}: ${what}`];
}

async function holds(call: GitCall, branch: string | null, commit: string): Promise<boolean> {
  if (branch === null) return false;
  return branch === commit || (await call.isAncestor(commit, branch));
}

const short = (commit: string): string => commit.slice(0, 12);
