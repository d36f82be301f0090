/**
 * The attacks of the start-up self-test, as data: what is tried inside, and by which fact on the host it shows that it
 * worked. Every expected outcome is: refused.
 */
import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';

/** What the attacks aim at; made afresh for each test. */
export interface Arena {
  readonly project: string;
  readonly outside: string;
  readonly secret: string;
  readonly otherSecret: string;
  readonly socket: string;
  readonly port: number;
  /** Port of the server on `address`. */
  readonly addressPort: number;
  /** An address of this host besides loopback; null when it has none. */
  readonly address: string | null;
  readonly victim: number;
  readonly workerSource: string;
  readonly token: string;
}

export interface Evidence {
  readonly arena: Arena;
  /** What the attack printed. */
  readonly printed: string;
  /** `tcp`, `address`, `unix`: connections that arrived on the host. */
  readonly connections: ReadonlySet<string>;
  readonly victimAlive: boolean;
  readonly survivors: number;
}

export interface Probe {
  readonly name: string;
  readonly attack: (arena: Arena) => string;
  readonly worked: (evidence: Evidence) => boolean;
}

const printedToken = ({ arena, printed }: Evidence): boolean => printed.includes(arena.token);
const printedAnything = ({ printed }: Evidence): boolean => printed.trim() !== '';
const madeOutside =
  (name: string) =>
  (evidence: Evidence): boolean =>
    existsSync(path.join(evidence.arena.outside, name));
const arrived =
  (name: string) =>
  (evidence: Evidence): boolean =>
    evidence.connections.has(name);

/** The request of the test sets nothing, so only what a sandbox sets itself may show. */
const namesUnknown = ({ printed }: Evidence): boolean =>
  printed
    .split('\n')
    .filter((line) => line !== '')
    .some((line) => !/^(HOME|PATH|LANG|TMPDIR|SHLVL|PWD|OLDPWD|_)=/.test(line));

/** Connects from Node, the agent's own kind of program, and says the token; the host counts what says it. */
function connecting(target: string, { token }: Arena): string {
  return `node -e 'const s = require("node:net").connect(${target}).on("error", () => {}).on("data", () => s.destroy()).setTimeout(2000, () => s.destroy()); s.write("${token}")'`;
}

export const PROBES: readonly Probe[] = [
  { name: 'write-outside', attack: (a) => `echo x > ${a.outside}/direct`, worked: madeOutside('direct') },
  {
    name: 'write-system',
    attack: () => 'for d in /usr /usr/bin /etc /lib /boot; do [ -w $d ] && touch -c $d && echo $d; done',
    worked: printedAnything,
  },
  { name: 'read-secret', attack: (a) => `cat ${a.secret}`, worked: printedToken },
  { name: 'read-shadow', attack: () => 'head -c 5 /etc/shadow; head -c 5 /etc/ssl/private/*', worked: printedAnything },
  { name: 'read-other-project', attack: (a) => `cat ${a.otherSecret}`, worked: printedToken },
  { name: 'read-worker-source', attack: (a) => `head -c 20 ${a.workerSource}`, worked: printedAnything },
  { name: 'symlink-read', attack: (a) => `ln -s ${a.secret} link; cat link`, worked: printedToken },
  {
    name: 'symlink-write',
    attack: (a) => `ln -s ${a.outside}/through link2; echo x > link2`,
    worked: madeOutside('through'),
  },
  { name: 'host-processes', attack: (a) => `tr '\\0' ' ' < /proc/${a.victim}/cmdline`, worked: printedToken },
  { name: 'signal-outside', attack: (a) => `kill -9 ${a.victim}`, worked: (evidence) => !evidence.victimAlive },
  { name: 'ptrace-parent', attack: () => 'head -c 1 /proc/$PPID/maps', worked: printedAnything },
  {
    name: 'environ-parent',
    attack: () => 'head -c 1 /proc/$PPID/environ | od -c | grep 0000000.',
    worked: printedAnything,
  },
  { name: 'environ-pid1', attack: () => 'head -c 1 /proc/1/environ | od -c | grep 0000000.', worked: printedAnything },
  { name: 'env-leak', attack: () => 'env', worked: namesUnknown },
  { name: 'host-loopback', attack: (a) => connecting(`${a.port}, "127.0.0.1"`, a), worked: arrived('tcp') },
  { name: 'interfaces', attack: () => "grep : /proc/net/dev | grep -v ' lo:'", worked: printedAnything },
  {
    name: 'egress-not-allowed',
    attack: (a) => (a.address ? connecting(`${a.addressPort}, "${a.address}"`, a) : 'true'),
    worked: arrived('address'),
  },
  { name: 'host-socket', attack: (a) => connecting(`"${a.socket}"`, a), worked: arrived('unix') },
  {
    name: 'capabilities',
    attack: () => 'grep CapEff /proc/self/status',
    worked: ({ printed }) => !/CapEff:\s*0{16}/.test(printed),
  },
  {
    name: 'no-new-privs-off',
    attack: () => 'grep NoNewPrivs /proc/self/status',
    worked: ({ printed }) => !/NoNewPrivs:\s*1/.test(printed),
  },
  { name: 'new-userns', attack: () => 'unshare --user --map-root-user echo made', worked: printedAnything },
  { name: 'mount', attack: () => 'mkdir m; mount -t tmpfs x m && echo mounted && umount m', worked: printedAnything },
  {
    name: 'setuid-root',
    attack: () => 'cp /bin/true suid; chmod 4755 suid',
    worked: ({ arena }) => isSetuidRoot(path.join(arena.project, 'suid')),
  },
  {
    name: 'sysctl-write',
    attack: () => 'v=$(cat /proc/sys/kernel/threads-max); echo $v > /proc/sys/kernel/threads-max && echo written',
    worked: printedAnything,
  },
  {
    name: 'device-nodes',
    attack: () => 'mknod node c 1 3',
    worked: ({ arena }) => isDevice(path.join(arena.project, 'node')),
  },
  {
    name: 'unlimited',
    attack: () => 'ulimit -f; ulimit -u; ulimit -d',
    worked: ({ printed }) => printed.includes('unlimited'),
  },
  {
    name: 'survive-kill',
    attack: (a) => `env -i setsid nohup /bin/sleep 60 0.${a.token} >/dev/null 2>&1 </dev/null &`,
    worked: ({ survivors }) => survivors > 0,
  },
];

function isSetuidRoot(file: string): boolean {
  const entry = lstatSync(file, { throwIfNoEntry: false });
  return entry !== undefined && entry.uid === 0 && (entry.mode & 0o4000) !== 0;
}

function isDevice(file: string): boolean {
  const entry = lstatSync(file, { throwIfNoEntry: false });
  return entry?.isCharacterDevice() === true;
}
