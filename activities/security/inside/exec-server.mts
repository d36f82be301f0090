/**
 * Process 2 of a sandbox: runs commands for the worker over an inherited socket (fd 3) and carries connections in (fd 4)
 * and out (unix sockets of the relays). No path in the sandbox leads to it. Plain Node, no dependencies.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, Socket as NetSocket, type Socket } from 'node:net';
import { type CommandSpec, type StartedCommand, startCommand } from './command.mjs';

interface Options {
  /** TCP port on 127.0.0.1 -> unix socket of a relay. */
  readonly forwards: Readonly<Record<string, string>>;
  /** Bytes of resident memory for everything inside, where no cgroup bounds it; null = bounded elsewhere. */
  readonly watchMemoryBytes: number | null;
}
type Order =
  | { op: 'run'; id: number; spec: CommandSpec; shell: boolean }
  | { op: 'kill'; id: number }
  | { op: 'reset' };

/** Commands hold no capability, this server holds one: so they may neither trace it nor read its memory or fds. */
const WITHOUT_CAPABILITIES = ['/usr/bin/setpriv', '--ambient-caps=-all', '--inh-caps=-all', '--'];
/** When memory runs out the kernel takes the command, not this server. */
const EXPENDABLE = 'echo 600 2>/dev/null >/proc/self/oom_score_adj; exec "$@"';
/** The text comes by environment, so that `pkill -f <word of the text>` doesn't match its own shell. */
const SHELL = 'echo 600 2>/dev/null >/proc/self/oom_score_adj; c=$SANDBOX_COMMAND; unset SANDBOX_COMMAND; eval -- "$c"';
const WATCH_EVERY_MS = 250;

const options = JSON.parse(process.argv[2] ?? '{}') as Options;
const running = new Map<number, StartedCommand>();
process.title = 'sandbox-server'; // `pkill -f node` of the agent must not reach it
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)
  process.on(signal, () => undefined);

const control = new NetSocket({ fd: 3, readable: true, writable: true });
control.on('close', () => process.exit(0)).on('error', () => process.exit(0));
control.on('end', () => process.exit(0));
readLines(control, (line) => obey(JSON.parse(line) as Order));
createServer(carryIn).listen({ fd: 4 });
await Promise.all(Object.entries(options.forwards).map(([port, target]) => carryOut(Number(port), target)));
if (options.watchMemoryBytes !== null) setInterval(watchMemory, WATCH_EVERY_MS, options.watchMemoryBytes);
reply({ type: 'ready' });

function obey(order: Order): void {
  if (order.op === 'kill') running.get(order.id)?.kill();
  else if (order.op === 'reset') killEverythingElse();
  else run(order);
}

function run({ id, spec, shell }: { id: number; spec: CommandSpec; shell: boolean }): void {
  const script = shell ? [SHELL] : [EXPENDABLE, 'bash', ...spec.argv];
  const argv = [...WITHOUT_CAPABILITIES, '/bin/bash', '--noprofile', '--norc', '-c', ...script];
  const command = startCommand({ ...spec, argv });
  running.set(id, command);
  reply({ type: 'started', id, pid: command.pid });
  void command.ended.then((end) => {
    running.delete(id);
    reply({ type: 'ended', id, end });
  });
}

function reply(message: object): void {
  control.write(`${JSON.stringify(message)}\n`);
}

function killEverythingElse(): void {
  try {
    process.kill(-1, 'SIGKILL');
  } catch {
    // nothing else runs
  }
}

/** Host -> inside: the first line names a port of 127.0.0.1, `+` answers that it listens, the rest is raw bytes. */
function carryIn(incoming: Socket): void {
  incoming.on('error', () => incoming.destroy());
  incoming.once('data', (chunk: Buffer) => {
    const end = chunk.indexOf(10);
    const target = connect({ host: '127.0.0.1', port: Number(chunk.subarray(0, end).toString()) });
    incoming.pause();
    target.once('connect', () => {
      incoming.write('+');
      if (end + 1 < chunk.length) target.write(chunk.subarray(end + 1));
      join(incoming, target);
    });
    target.on('error', () => incoming.destroy());
  });
}

/** Inside -> host: 127.0.0.1:port to the unix socket of a relay. */
function carryOut(port: number, target: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy());
    const relay = connect({ path: target, allowHalfOpen: true });
    relay.on('error', () => client.destroy());
    join(client, relay);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
}

function join(a: Socket, b: Socket): void {
  a.pipe(b);
  b.pipe(a);
  a.once('close', () => b.destroy());
  b.once('close', () => a.destroy());
}

/** Kills the largest process while all of them together hold more than the limit. Sees its own pid namespace only. */
function watchMemory(limit: number): void {
  let total = 0;
  let largest = { pid: 0, bytes: 0 };
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!(pid > 2)) continue;
    const bytes = residentBytes(pid);
    total += bytes;
    if (bytes > largest.bytes) largest = { pid, bytes };
  }
  if (total <= limit || largest.pid === 0) return;
  try {
    process.kill(largest.pid, 'SIGKILL');
  } catch {
    // ended by itself
  }
}

function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}

function readLines(stream: Socket, onLine: (line: string) => void): void {
  let pending: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      onLine(Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8'));
      pending = [];
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  });
}
