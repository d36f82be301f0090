/** `doctor --sandbox`: the self-test of the sandbox, run now as this user, attack by attack; or why none starts. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Sandbox, SandboxRequest } from '../../activities/security/sandbox.js';
import { type SandboxBackend, sandboxBackend, sandboxLine } from '../../activities/security/sandbox-backend.js';
import { allRefused, type ProbeResult, runSelfTest } from '../../activities/security/self-test.js';
import { EXIT } from '../exit-codes.js';
import type { Terminal } from '../terminal.js';

export interface DoctorSandboxOptions {
  readonly json?: boolean;
}

/** What of the kernel's settings decides whether a sandbox can start; those that a kernel doesn't have are left out. */
const SETTINGS = [
  'kernel/unprivileged_userns_clone',
  'kernel/apparmor_restrict_unprivileged_userns',
  'user/max_user_namespaces',
] as const;

interface SelfTestReport {
  readonly results: readonly ProbeResult[];
  readonly milliseconds: number;
  /** Limits that this machine can't apply. */
  readonly notes: readonly string[];
}

/** Exit 0 when a sandbox starts and refuses every attack, else 5: then no live model starts on this machine. */
export async function doctorSandbox(
  options: DoctorSandboxOptions,
  { terminal }: { readonly terminal: Pick<Terminal, 'line'> },
  backend: SandboxBackend = sandboxBackend(),
): Promise<number> {
  const probe = await backend.probe();
  const settings = kernelSettings();
  const line = sandboxLine(backend, probe);
  const report = probe.available ? await selfTest(backend) : null;
  const holds = report !== null && allRefused(report.results);
  if (options.json === true) {
    const cure = probe.available ? null : probe.cure;
    terminal.line(JSON.stringify({ sandbox: line, cure, settings, holds, ...report }, null, 2));
    return holds ? EXIT.ok : EXIT.environment;
  }
  terminal.line(`sandbox     ${line}, tried as ${userInfo().username} (uid ${userInfo().uid})`);
  for (const [name, value] of Object.entries(settings)) terminal.line(`${name} = ${value}`);
  if (!probe.available)
    terminal.line(`to mend it: ${probe.cure}\nno live model starts here without --allow-unsandboxed`);
  if (report !== null) for (const row of tableOf(report)) terminal.line(row);
  return holds ? EXIT.ok : EXIT.environment;
}

async function selfTest(backend: SandboxBackend): Promise<SelfTestReport> {
  const notes: string[] = [];
  const open = async (request: SandboxRequest): Promise<Sandbox> => {
    const sandbox = await backend.open(request);
    notes.push(...sandbox.notes);
    return sandbox;
  };
  const began = performance.now();
  const results = await runSelfTest(open);
  return { results, milliseconds: Math.round(performance.now() - began), notes };
}

function tableOf({ results, milliseconds, notes }: SelfTestReport): string[] {
  const refused = results.filter((result) => result.refused).length;
  const rows = results.map(({ probe, refused: good, detail }) => {
    const printed = good || detail === '' ? '' : `: ${detail.replace(/\s+/g, ' ')}`;
    return `  ${good ? '✓' : '✗'} ${probe.padEnd(20)} ${good ? 'refused' : 'OPEN'}${printed}`;
  });
  const verdict = allRefused(results)
    ? 'a live model may start'
    : 'this sandbox does not hold, so no live model starts; please report it with this table (docs/security.md)';
  return [
    ...rows,
    ...notes.map((note) => `  note: ${note}`),
    `${refused} of ${results.length} attacks refused in ${milliseconds} ms: ${verdict}`,
  ];
}

function kernelSettings(): Record<string, string> {
  return Object.fromEntries(
    SETTINGS.flatMap((name) => {
      try {
        return [[name.replaceAll('/', '.'), readFileSync(`/proc/sys/${name}`, 'utf8').trim()]];
      } catch {
        return []; // this kernel has no such setting
      }
    }),
  );
}
