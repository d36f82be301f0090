/**
 * Proves at start-up that the sandbox is really on: runs known attacks inside and judges on the host whether any of
 * them worked. A live model starts only when all are refused.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../config/locations.js';
import type { Sandbox, SandboxRequest } from './sandbox.js';
import { type Arena, PROBES, type Probe } from './self-test-probes.js';

export interface ProbeResult {
  readonly probe: string;
  /** True is good: the attack had no effect. */
  readonly refused: boolean;
  /** What the attack printed, shortened; for the table of `doctor --sandbox`. */
  readonly detail: string;
}

const TIMEOUT_MS = 20_000;

/**
 * `open`: `openSandbox`, or what is to be tested in its place. `probes`: those of the start-up test, or the same attacks
 * made by other programs. Leaves nothing behind.
 */
export async function runSelfTest(
  open: (request: SandboxRequest) => Promise<Sandbox>,
  probes: readonly Probe[] = PROBES,
): Promise<ProbeResult[]> {
  const root = mkdtempSync(`/tmp/nightshift-self-test-${process.pid}-`);
  const token = String(randomInt(1e11, 1e12));
  const victim = spawn('/bin/sleep', ['60', `0.${token}`], { stdio: 'ignore', env: {} });
  const connections = new Set<string>();
  const servers: Server[] = [];
  try {
    const arena = await buildArena(root, token, victim, connections, servers);
    const printed = await attack(arena, probes, open);
    // The victim carries the token too; what else carries it has survived.
    const survivors = processesWith(token).filter((pid) => pid !== victim.pid);
    const facts = { arena, connections, victimAlive: victim.exitCode === null && victim.signalCode === null };
    for (const pid of survivors) process.kill(pid, 'SIGKILL');
    return probes.map(({ name, worked }) => {
      const text = printed.get(name);
      const evidence = { ...facts, printed: text ?? '', survivors: survivors.length };
      const refused = text !== undefined && !worked(evidence);
      return { probe: name, refused, detail: text === undefined ? 'the probe did not run' : text.trim().slice(0, 80) };
    });
  } finally {
    victim.kill('SIGKILL');
    for (const server of servers) server.close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** True when every probe ran and was refused. */
export function allRefused(results: readonly ProbeResult[]): boolean {
  return results.length === PROBES.length && results.every((result) => result.refused);
}

async function buildArena(
  root: string,
  token: string,
  victim: ChildProcess,
  connections: Set<string>,
  servers: Server[],
): Promise<Arena> {
  const at = (...names: string[]): string => path.join(root, ...names);
  for (const name of ['project', 'outside', 'other']) mkdirSync(at(name), { mode: 0o777 });
  for (const name of ['secret', 'other/secret']) writeFileSync(at(name), token);
  const address = outerAddress();
  const counting = (name: string): Server => {
    const server = createServer((socket) => greet(socket, token, () => connections.add(name)));
    servers.push(server);
    return server;
  };
  const port = await listening(counting('tcp'), '127.0.0.1');
  const addressPort = address === null ? 0 : await listening(counting('address'), address);
  const unix = counting('unix');
  await new Promise<void>((resolve) => unix.listen(at('host.sock'), resolve));
  return {
    project: at('project'),
    outside: at('outside'),
    secret: at('secret'),
    otherSecret: at('other/secret'),
    socket: at('host.sock'),
    port,
    addressPort,
    address,
    token,
    victim: victim.pid ?? 0,
    workerSource: path.join(packageRoot, 'package.json'),
  };
}

/**
 * Only who says the token is an attack: on a busy machine strangers connect too, e.g. a client that looks for its server
 * on the port where that one listened before. The answer lets the attack wait until it has been counted.
 */
function greet(socket: Socket, token: string, count: () => void): void {
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (!said.includes(token)) return;
    count();
    socket.end('counted');
  });
  socket.on('error', () => socket.destroy());
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
}

/** All attacks in one command, each behind a heading; returns what each printed. */
async function attack(
  arena: Arena,
  probes: readonly Probe[],
  open: (request: SandboxRequest) => Promise<Sandbox>,
): Promise<Map<string, string>> {
  const heading = `@@${arena.token.split('').reverse().join('')}@@`;
  const script = probes
    .map((probe) => `echo '${heading}${probe.name}'\n{ ${probe.attack(arena)}\n} 2>/dev/null`)
    .join('\n');
  const sandbox = await open({ projectDir: arena.project, readOnly: [], environment: {}, path: [] });
  try {
    const { stdout } = await sandbox.run({ command: { shell: script }, timeoutMs: TIMEOUT_MS });
    const sections = stdout.split(heading).slice(1);
    return new Map(
      sections.map((section) => [section.split('\n', 1)[0] ?? '', section.slice(section.indexOf('\n') + 1)]),
    );
  } finally {
    await sandbox.close();
  }
}

async function listening(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function outerAddress(): string | null {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find((entry) => entry.family === 'IPv4' && !entry.internal)?.address ?? null;
}

function processesWith(token: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && commandLine(pid).includes(token));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
