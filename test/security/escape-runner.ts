/** Makes one language's attacks, or 200 background processes, as whoever starts it, and prints what came of it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { openSandbox } from '../../activities/security/bubblewrap.js';
import { runSelfTest } from '../../activities/security/self-test.js';
import { escapes, type Language } from './escapes.js';

export interface EscapeReport {
  readonly uid: number | undefined;
  readonly ran: number;
  readonly open: readonly unknown[];
}

/** Names of the attacks that worked; none is wanted. */
export async function attackAs(language: Language): Promise<EscapeReport> {
  const results = await runSelfTest(openSandbox, escapes(language));
  return { uid: process.getuid?.(), ran: results.length, open: results.filter(({ refused }) => !refused) };
}

export interface BackgroundReport {
  readonly uid: number | undefined;
  /** Counted on the host while the sandbox lived, and after its end. */
  readonly during: number;
  readonly after: number;
}

/** Each in a way of its own to outlive its parent: setsid, nohup, a double fork, a detached child of Node. */
const LEAVERS = [
  'for i in $(seq 50); do setsid /bin/sleep MARK >/dev/null 2>&1 </dev/null & done',
  'for i in $(seq 50); do nohup /bin/sleep MARK >/dev/null 2>&1 </dev/null & disown; done',
  `python3 -c 'import os
null = os.open("/dev/null", os.O_RDWR)
for _ in range(50):
  if os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    for fd in range(3): os.dup2(null, fd)
    os.execve("/bin/sleep", ["sleep", "MARK"], {})'`,
  `node -e 'for (let i = 0; i < 50; i++) require("node:child_process").spawn("/bin/sleep", ["MARK"], { detached: true, stdio: "ignore", env: {} }).unref()'`,
];

export async function leaveBehind(): Promise<BackgroundReport> {
  const projectDir = mkdtempSync('/tmp/nightshift-escape-');
  const mark = `7${process.pid}.5`;
  const count = (): number => commandLines().filter((line) => line.includes(`sleep\0${mark}`)).length;
  try {
    const sandbox = await openSandbox({ projectDir, readOnly: [], environment: {}, path: [] });
    const shell = LEAVERS.join('\n').replaceAll('MARK', mark);
    await sandbox.run({ command: { shell }, timeoutMs: 20_000 });
    for (let looks = 0; looks < 100 && count() < 200; looks++) await new Promise((resolve) => setTimeout(resolve, 50));
    const during = count();
    await sandbox.close();
    return { uid: process.getuid?.(), during, after: count() };
  } finally {
    rmSync(projectDir, { recursive: true, force: true });
  }
}

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    });
}

const [, program = '', task] = process.argv;
if (program.endsWith('escape-runner.js')) {
  const report = task === 'leave' ? await leaveBehind() : await attackAs(task as Language);
  console.log(JSON.stringify(report));
}
