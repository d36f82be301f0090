/**
 * One line of `nightshift check-command`: a JSON object in, a JSON object out. Never throws for what a line holds.
 */
import { hostFiles } from './path-guard.js';
import { createPolicy, type Policy } from './policy.js';

const policies = new Map<string, Promise<Policy>>();

/** `{"cmd", "cwd"?}` in, `{"cmd", "verdict", "reason"}` out; `cwd` is the project directory, default `directory`. */
export async function checkCommandLine(line: string, directory: string = process.cwd()): Promise<string> {
  const request = readRequest(line, directory);
  if (typeof request === 'string') return JSON.stringify({ cmd: null, verdict: 'deny', reason: request });
  const policy = await policyFor(request.cwd);
  const verdict = policy.check(request.cmd);
  const reason = verdict.verdict === 'deny' ? verdict.reason : '';
  return JSON.stringify({ cmd: request.cmd, verdict: verdict.verdict, reason });
}

function policyFor(projectDir: string): Promise<Policy> {
  const known = policies.get(projectDir);
  if (known) return known;
  const made = createPolicy({ projectDir, files: hostFiles });
  policies.set(projectDir, made);
  return made;
}

function readRequest(line: string, directory: string): { readonly cmd: string; readonly cwd: string } | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'the line is not JSON. Instead: write {"cmd": "ls"}.';
  }
  const cmd = typeof value === 'object' && value !== null ? Reflect.get(value, 'cmd') : undefined;
  const cwd = typeof value === 'object' && value !== null ? Reflect.get(value, 'cwd') : undefined;
  if (typeof cmd !== 'string') return 'the line has no text "cmd". Instead: write {"cmd": "ls"}.';
  return { cmd, cwd: typeof cwd === 'string' && cwd.startsWith('/') ? cwd : directory };
}
