/**
 * Refused commands, counted, each with the line of `nightshift.policy.json` that would allow it: tried on the policy
 * itself before it is told, so that no line is promised that does not work.
 */
import { createPolicy, type RefusedCall } from './policy.js';
import { NO_PROJECT_POLICY, type ProjectPolicy, readProjectPolicy } from './project-policy.js';

export interface Denial {
  readonly command: string;
  readonly count: number;
  readonly reason: string;
  readonly line: ProjectPolicy['allow'][number] | null;
  /** Why no line can allow it; empty when one can. */
  readonly whyNot: string;
}

/** One refusal as the log of a build tells it. */
export interface LoggedDenial {
  readonly command: string;
  readonly reason: string;
}

/** The log cuts commands at this length; what is cut can't be judged again. */
const LOGGED_CHARACTERS = 400;

/** Most frequent first. What the rules in force (`project` among them) allow by now is left out. */
export async function denialsOf(
  logged: readonly LoggedDenial[],
  projectDir: string,
  project: ProjectPolicy = NO_PROJECT_POLICY,
): Promise<readonly Denial[]> {
  const inForce = await createPolicy({ projectDir, project });
  const groups = new Map<string, { count: number; reason: string }>();
  for (const { command, reason } of logged)
    groups.set(command, { count: (groups.get(command)?.count ?? 0) + 1, reason });
  const found: Denial[] = [];
  for (const [command, { count, reason }] of groups) {
    const verdict = inForce.check(command);
    if (verdict.verdict === 'allow') continue;
    if (command.length >= LOGGED_CHARACTERS) {
      found.push({ command, count, reason, line: null, whyNot: 'the log holds only the beginning of this command' });
    } else
      found.push({
        command,
        count,
        reason: verdict.reason,
        ...(await cure(command, verdict.call, projectDir, project)),
      });
  }
  return found.sort((a, b) => b.count - a.count);
}

async function cure(
  command: string,
  call: RefusedCall | undefined,
  projectDir: string,
  project: ProjectPolicy,
): Promise<Pick<Denial, 'line' | 'whyNot'>> {
  if (call === undefined) return { line: null, whyNot: 'it is a construct of the shell, not a program' };
  const line = { program: call.program, arguments: call.arguments.map(token).join(' ') };
  const reading = readProjectPolicy(JSON.stringify({ ...project, allow: [line, ...project.allow] }));
  if (reading.kind === 'unusable')
    return { line: null, whyNot: reading.problems.join('; ').replace(/^allow\.0: /, '') };
  const again = (await createPolicy({ projectDir, project: reading.policy })).check(command);
  return again.verdict === 'allow' ? { line, whyNot: '' } : { line: null, whyNot: again.reason };
}

/** An argument as a pattern for itself: what a pattern can't spell stands for any text. */
function token(text: string): string {
  return text.replace(/[\s*\ufffb\ufffc]+/g, '*') || '*';
}
