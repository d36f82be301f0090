/**
 * Process 2 of a sandbox: runs commands for the worker over an inherited socket (fd 3) and carries connections in (fd 4)
 * and out (unix sockets of the relays). No path in the sandbox leads to it. Plain Node, no dependencies.
 */
import { connect, createServer, Socket as NetSocket, type Socket } from 'node:net';
import { type Bounds, breachesOf, countProcesses, isOutOfProcesses, outOfProcesses } from './breach.mjs';
import { type CommandSpec, type StartedCommand, startCommand } from './command.mjs';
import { watchDisk } from './disk-watch.mjs';
import { watchMemory } from './memory-watch.mjs';

interface Options {
  /** TCP port on 127.0.0.1 -> unix socket of a relay. */
  readonly forwards: Readonly<Record<string, string>>;
  readonly bounds: Bounds;
}
type Order = { op: 'run'; id: number; spec: CommandSpec; shell: boolean } | { op: 'kill'; id: number };

/** Commands hold no capability, this server holds one: so they may neither trace it nor read its memory or fds. */
const WITHOUT_CAPABILITIES = ['/usr/bin/setpriv', '--ambient-caps=-all', '--inh-caps=-all', '--'];
/** This process and its parent, the reaper: what is left when everything else was ended. */
const OWN_PROCESSES = 2;

const { forwards, bounds } = JSON.parse(process.argv[2] ?? '{}') as Options;
/**
 * When memory runs out the kernel takes the command, not this server. The first CPU limit is a signal that says so. Text
 * comes by environment, so that `pkill -f <word of the text>` doesn't match its own shell.
 */
const PRELUDE = `echo 600 2>/dev/null >/proc/self/oom_score_adj; ulimit -S -t ${bounds.cpuSeconds}; ulimit -H -t ${bounds.cpuSeconds + 5}`;
const EXPENDABLE = `${PRELUDE}; exec "$@"`;
const SHELL = `${PRELUDE}; c=$SANDBOX_COMMAND; unset SANDBOX_COMMAND; eval -- "$c"`;
const running = new Map<number, StartedCommand>();
/** Limits that were hit while a command ran. */
const breaches = new Map<number, Set<string>>();
process.title = 'sandbox-server'; // `pkill -f node` of the agent must not reach it
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)
  process.on(signal, () => undefined);

const control = new NetSocket({ fd: 3, readable: true, writable: true });
control.on('close', () => process.exit(0)).on('error', () => process.exit(0));
control.on('end', () => process.exit(0));
readLines(control, (line) => obey(JSON.parse(line) as Order));
createServer(carryIn).listen({ fd: 4 });
await Promise.all(Object.entries(forwards).map(([port, target]) => carryOut(Number(port), target)));
if (bounds.watchMemory) watchMemory(bounds, tellRunning);
watchDisk(bounds, (breach) => {
  tellRunning(breach);
  void endEverythingElse();
});
reply({ type: 'ready' });

function obey(order: Order): void {
  if (order.op === 'kill') running.get(order.id)?.kill();
  else run(order);
}

function run({ id, spec, shell }: { id: number; spec: CommandSpec; shell: boolean }): void {
  const script = shell ? [SHELL] : [EXPENDABLE, 'bash', ...spec.argv];
  const argv = [...WITHOUT_CAPABILITIES, '/bin/bash', '--noprofile', '--norc', '-c', ...script];
  const command = startCommand({ ...spec, argv });
  running.set(id, command);
  breaches.set(id, new Set());
  reply({ type: 'started', id, pid: command.pid });
  void command.ended.then(async (end) => {
    const hit = [...end.limits, ...(breaches.get(id) ?? []), ...breachesOf(end, bounds)];
    running.delete(id);
    breaches.delete(id);
    if (!isOutOfProcesses(end, bounds)) return reply({ type: 'ended', id, end: { ...end, limits: hit } });
    const breach = outOfProcesses(bounds);
    tellRunning(breach);
    await endEverythingElse(); // the rest of a fork bomb, so that the next command can start
    reply({ type: 'ended', id, end: { ...end, background: false, limits: [...hit, breach] } });
  });
}

function tellRunning(breach: string): void {
  for (const told of breaches.values()) told.add(breach);
}

function reply(message: object): void {
  control.write(`${JSON.stringify(message)}\n`);
}

/** One signal reaches all, also what is just being forked. Resolves when they are gone, or after a second. */
async function endEverythingElse(): Promise<void> {
  try {
    process.kill(-1, 'SIGKILL');
  } catch {
    return; // nothing else runs
  }
  for (let waits = 0; waits < 50 && countProcesses() > OWN_PROCESSES; waits++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
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
