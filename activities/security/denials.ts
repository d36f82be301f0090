/**
 * Refused commands, counted, each with the line of `nightshift.policy.json` that would allow it: tried on the policy
 * itself before it is told, so that no line is promised that does not work.
 */
import { createPolicy } from './policy.js';
import { type ProjectPolicy, readProjectPolicy } from './project-policy.js';

export interface Denial {
  readonly command: string;
  readonly count: number;
  readonly reason: string;
  readonly line: ProjectPolicy['allow'][number] | null;
  /** Why no line can allow it; empty when one can. */
  readonly whyNot: string;
}

/** Most frequent first. What the built-in rules allow by now is left out. */
export async function denialsOf(commands: readonly string[], projectDir: string): Promise<readonly Denial[]> {
  const builtIn = await createPolicy({ projectDir });
  const counts = new Map<string, number>();
  for (const command of commands) counts.set(command, (counts.get(command) ?? 0) + 1);
  const found: Denial[] = [];
  for (const [command, count] of counts) {
    const verdict = builtIn.check(command);
    if (verdict.verdict === 'deny')
      found.push({ command, count, reason: verdict.reason, ...(await cure(command, projectDir)) });
  }
  return found.sort((a, b) => b.count - a.count);
}

async function cure(command: string, projectDir: string): Promise<Pick<Denial, 'line' | 'whyNot'>> {
  const verdict = (await createPolicy({ projectDir })).check(command);
  if (verdict.verdict === 'allow') return { line: null, whyNot: '' };
  if (verdict.call === undefined) return { line: null, whyNot: 'it is a construct of the shell, not a program' };
  const line = { program: verdict.call.program, arguments: verdict.call.arguments.map(token).join(' ') };
  const reading = readProjectPolicy(JSON.stringify({ allow: [line] }));
  if (reading.kind === 'unusable') return { line: null, whyNot: reading.problems.join('; ') };
  const again = (await createPolicy({ projectDir, project: reading.policy })).check(command);
  return again.verdict === 'allow' ? { line, whyNot: '' } : { line: null, whyNot: again.reason };
}

/** An argument as a pattern for itself: what a pattern can't spell stands for any text. */
function token(text: string): string {
  return text.replace(/[\s*\ufffb\ufffc]+/g, '*') || '*';
}
