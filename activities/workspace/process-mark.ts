/**
 * A process group named so that it can be ended later and nothing else in its place: the leader's pid, start time and
 * boot. A pid that was given to another process since then, or belongs to an earlier boot, is left alone. Where /proc
 * is missing (macOS) nothing is killed.
 */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessMark {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat, clock ticks since boot; null when the process was not there to ask. */
  readonly startTime: string | null;
  readonly bootId: string | null;
}

/** How long a killed process may take to be gone, in ms: SIGKILL waits for uninterruptible I/O only. */
const GONE_WITHIN_MS = 5_000;

export async function processMark(pid: number): Promise<ProcessMark> {
  return { pid, startTime: (await statOf(pid))?.startTime ?? null, bootId: await bootId() };
}

/** SIGKILL to the group that this process leads or led; a group keeps its number as long as one member lives. Never our own. */
export async function killGroup(leader: ProcessMark): Promise<boolean> {
  if (leader.startTime === null || leader.bootId !== (await bootId())) return false;
  const now = await statOf(leader.pid);
  if (now !== null && now.startTime !== leader.startTime) return false;
  if ((await statOf(process.pid))?.group === leader.pid) return false;
  if ((await membersOf(leader.pid)).length === 0) return false;
  send(-leader.pid);
  await until(async () => (await membersOf(leader.pid)).length === 0);
  return true;
}

interface ProcessStat {
  readonly state: string;
  readonly group: number;
  readonly startTime: string;
}

/** The program's name may hold spaces and brackets: fields are counted behind its last bracket. */
async function statOf(pid: number): Promise<ProcessStat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, group, startTime] = [fields?.[0], fields?.[2], fields?.[19]];
  if (state === undefined || group === undefined || startTime === undefined) return null;
  return { state, group: Number(group), startTime };
}

const isDead = (state: string): boolean => state === 'Z' || state === 'X';

async function membersOf(group: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (pid) => ({ pid, stat: await statOf(pid) })));
  return stats.filter(({ stat }) => stat !== null && stat.group === group && !isDead(stat.state)).map(({ pid }) => pid);
}

/** Changes with every boot of the machine; null where the system has none. */
export async function bootId(): Promise<string | null> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  return text?.trim() ?? null;
}

function send(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + GONE_WITHIN_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('a killed process did not go away within 5 s: it hangs in I/O');
    await sleep(10);
  }
}
