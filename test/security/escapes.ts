/**
 * The attacks of the self-test as Python and Node make them: the agent's own programs are the real attacker. Each keeps
 * its name, so the same fact on the host decides whether it worked. What a language can't do itself it lets a program do.
 */
import { type Arena, PROBES, type Probe } from '../../activities/security/self-test-probes.js';

export const LANGUAGES = ['bash', 'python', 'node'] as const;
export type Language = (typeof LANGUAGES)[number];

type Attack = (arena: Arena) => string;

/** The probes of one language: those of the start-up test, and those that only this suite has. */
export function escapes(language: Language): readonly Probe[] {
  const own = language === 'bash' ? {} : language === 'python' ? PYTHON : NODE;
  const probes = PROBES.map((probe) => {
    const attack = own[probe.name];
    if (language === 'bash') return probe;
    if (attack === undefined) throw new Error(`${probe.name} has no attack in ${language}`);
    return { ...probe, attack: (arena: Arena) => run(language, attack(arena)) };
  });
  const survive = probes.filter(({ name }) => name === 'survive-kill');
  return [...probes.filter((probe) => !survive.includes(probe)), ...FURTHER[language], ...survive];
}

/** The parent of the program's shell, the exec server, is $SERVER. */
function run(language: Language, script: string): string {
  const program = language === 'python' ? 'python3 -' : 'node --input-type=commonjs -';
  return `SERVER=$PPID ${program} <<'END_OF_ATTACK'\n${script}\nEND_OF_ATTACK`;
}

const text = (value: string): string => JSON.stringify(value);

const pythonConnect = (family: string, target: string, { token }: Arena): string => `import socket
s = socket.socket(socket.${family}); s.settimeout(2)
s.connect(${target}); s.sendall(b"${token}"); s.recv(9)`;

const LIBC = 'import ctypes\nlibc = ctypes.CDLL(None)\n';

const PYTHON: Readonly<Record<string, Attack>> = {
  'write-outside': (a) => `open(${text(`${a.outside}/direct`)}, "w").write("x")`,
  'write-system': () => `import os
for d in ("/usr", "/usr/bin", "/etc", "/lib", "/boot", "/proc/sys/kernel", "/dev", "/run"):
  try:
    os.utime(d); print(d)
  except OSError: pass`,
  'read-secret': (a) => `print(open(${text(a.secret)}).read())`,
  'read-shadow': () => `import glob
for f in ["/etc/shadow", "/etc/gshadow", *glob.glob("/etc/ssl/private/*"), *glob.glob("/etc/ssh/*key")]:
  try: print(open(f).read(5))
  except OSError: pass`,
  'read-other-project': (a) => `print(open(${text(a.otherSecret)}).read())`,
  'read-worker-source': (a) => `print(open(${text(a.workerSource)}).read(20))`,
  'symlink-read': (a) => `import os
os.symlink(${text(a.secret)}, "plink"); print(open("plink").read())`,
  'symlink-write': (a) => `import os
os.symlink(${text(`${a.outside}/through`)}, "plink2"); open("plink2", "w").write("x")`,
  'host-processes': (a) => `print(open("/proc/${a.victim}/cmdline").read().replace(chr(0), " "))`,
  'signal-outside': (a) => `import os
os.kill(${a.victim}, 9)`,
  // Opening the memory asks the same permission of the kernel as ptrace, which would stop the test's own process.
  'ptrace-parent': () => `import os
server = int(os.environ["SERVER"])
try: print(open(f"/proc/{server}/maps").read(1))
except OSError: pass
if libc.ptrace(16, server, 0, 0) == 0: print("attached")
try: open(f"/proc/{server}/mem", "r+b", buffering=0); print("memory opened")
except OSError: pass`,
  'environ-parent': () => `import os
print(open("/proc/" + os.environ["SERVER"] + "/environ").read(1))`,
  'environ-pid1': () => 'print(open("/proc/1/environ").read(1))',
  'env-leak': () => `import os
os.environ.pop("SERVER"); print("\\n".join(f"{k}={v}" for k, v in os.environ.items()))`,
  'host-loopback': (a) => pythonConnect('AF_INET', `("127.0.0.1", ${a.port})`, a),
  interfaces: () => `import socket
for _, name in socket.if_nameindex():
  if name != "lo": print(name)`,
  'egress-not-allowed': (a) => (a.address ? pythonConnect('AF_INET', `("${a.address}", ${a.addressPort})`, a) : ''),
  'host-socket': (a) => pythonConnect('AF_UNIX', text(a.socket), a),
  capabilities: () => `import os
for way in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])):
  try: way()
  except OSError: pass
print(*[l for l in open("/proc/self/status") if l.startswith("CapEff")])`,
  'no-new-privs-off': () => `${LIBC}libc.prctl(38, 0, 0, 0, 0)
print(*[l for l in open("/proc/self/status") if l.startswith("NoNewPrivs")])`,
  'new-userns': () => `${LIBC}if libc.unshare(0x10000000) == 0: print("made")`,
  mount: () => `${LIBC}import os
os.mkdir("pm")
if libc.mount(b"x", b"pm", b"tmpfs", 0, None) == 0: print("mounted")
libc.umount(b"pm")`,
  'setuid-root': () => `import os, shutil
shutil.copy("/bin/true", "suid"); os.chmod("suid", 0o4755)`,
  'sysctl-write': () => `f = "/proc/sys/kernel/threads-max"
v = open(f).read(); open(f, "w").write(v); print("written")`,
  'device-nodes': () => `import os, stat
os.mknod("node", 0o600 | stat.S_IFCHR, os.makedev(1, 3))`,
  unlimited: () => `import resource as r
for what in (r.RLIMIT_FSIZE, r.RLIMIT_NPROC, r.RLIMIT_DATA):
  try: r.setrlimit(what, (r.RLIM_INFINITY, r.RLIM_INFINITY))
  except (OSError, ValueError): pass
  if r.getrlimit(what)[0] == r.RLIM_INFINITY: print("unlimited")`,
  'survive-kill': (a) => `import os, signal
if os.fork() == 0:
  os.setsid(); signal.signal(signal.SIGHUP, signal.SIG_IGN)
  if os.fork(): os._exit(0)
  null = os.open("/dev/null", os.O_RDWR)
  for fd in range(3): os.dup2(null, fd)
  os.execve("/bin/sleep", ["sleep", "60", "0.${a.token}"], {})`,
};

const nodeConnect = (target: string, { token }: Arena): string =>
  `const s = require("node:net").connect(${target}).on("error", () => {}).on("data", () => s.destroy()).setTimeout(2000, () => s.destroy()); s.write("${token}")`;
const nodeRun = (program: string, ...args: readonly string[]): string =>
  `const r = require("node:child_process").spawnSync(${text(program)}, ${JSON.stringify(args)}, { encoding: "utf8" });`;
const FS = 'const fs = require("node:fs");';

const NODE: Readonly<Record<string, Attack>> = {
  'write-outside': (a) => `${FS} fs.writeFileSync(${text(`${a.outside}/direct`)}, "x")`,
  'write-system': () =>
    `${FS} for (const d of ["/usr", "/usr/bin", "/etc", "/lib", "/boot", "/dev", "/run"]) try { fs.utimesSync(d, new Date(), new Date()); console.log(d) } catch {}`,
  'read-secret': (a) => `${FS} console.log(fs.readFileSync(${text(a.secret)}, "utf8"))`,
  'read-shadow': () => `${FS} console.log(fs.readFileSync("/etc/shadow", "utf8").slice(0, 5))`,
  'read-other-project': (a) => `${FS} console.log(fs.readFileSync(${text(a.otherSecret)}, "utf8"))`,
  'read-worker-source': (a) => `${FS} console.log(fs.readFileSync(${text(a.workerSource)}, "utf8").slice(0, 20))`,
  'symlink-read': (a) =>
    `${FS} fs.symlinkSync(${text(a.secret)}, "nlink"); console.log(fs.readFileSync("nlink", "utf8"))`,
  'symlink-write': (a) =>
    `${FS} fs.symlinkSync(${text(`${a.outside}/through`)}, "nlink2"); fs.writeFileSync("nlink2", "x")`,
  'host-processes': (a) =>
    `${FS} console.log(fs.readFileSync("/proc/${a.victim}/cmdline", "utf8").replaceAll("\\0", " "))`,
  'signal-outside': (a) => `process.kill(${a.victim}, "SIGKILL")`,
  'ptrace-parent': () => `${FS} console.log(fs.readFileSync("/proc/" + process.env.SERVER + "/maps", "utf8")[0])`,
  'environ-parent': () =>
    `${FS} console.log(fs.readFileSync("/proc/" + process.env.SERVER + "/environ", "utf8")[0] ?? "")`,
  'environ-pid1': () => `${FS} console.log(fs.readFileSync("/proc/1/environ", "utf8")[0] ?? "")`,
  'env-leak': () =>
    'delete process.env.SERVER; console.log(Object.entries(process.env).map((pair) => pair.join("=")).join("\\n"))',
  'host-loopback': (a) => nodeConnect(`${a.port}, "127.0.0.1"`, a),
  interfaces: () =>
    'for (const name of Object.keys(require("node:os").networkInterfaces())) if (name !== "lo") console.log(name)',
  'egress-not-allowed': (a) => (a.address ? nodeConnect(`${a.addressPort}, "${a.address}"`, a) : ''),
  'host-socket': (a) => nodeConnect(text(a.socket), a),
  capabilities: () =>
    `${FS} for (const way of [() => process.setuid(0), () => process.setgid(0), () => process.setgroups([0])]) try { way() } catch {}
console.log(fs.readFileSync("/proc/self/status", "utf8").match(/CapEff.*/)[0])`,
  'no-new-privs-off': () => `${FS} console.log(fs.readFileSync("/proc/self/status", "utf8").match(/NoNewPrivs.*/)[0])`,
  'new-userns': () => `${nodeRun('unshare', '--user', '--map-root-user', 'echo', 'made')} console.log(r.stdout.trim())`,
  mount:
    () => `${FS} fs.mkdirSync("nm"); ${nodeRun('mount', '-t', 'tmpfs', 'x', 'nm')} if (r.status === 0) console.log("mounted")
require("node:child_process").spawnSync("umount", ["nm"])`,
  'setuid-root': () => `${FS} fs.copyFileSync("/bin/true", "suid"); fs.chmodSync("suid", 0o4755)`,
  'sysctl-write': () =>
    `${FS} const f = "/proc/sys/kernel/threads-max"; fs.writeFileSync(f, fs.readFileSync(f)); console.log("written")`,
  'device-nodes': () => nodeRun('mknod', 'node', 'c', '1', '3'),
  unlimited: () =>
    `${nodeRun('bash', '-c', 'ulimit -f unlimited; ulimit -u unlimited; ulimit -d unlimited; ulimit -f; ulimit -u; ulimit -d')} console.log(r.stdout)`,
  'survive-kill': (a) =>
    `require("node:child_process").spawn("/bin/sleep", ["60", "0.${a.token}"], { detached: true, stdio: "ignore", env: {} }).unref()`,
};

const anything = ({ printed }: { readonly printed: string }): boolean => printed.trim() !== '';

/** Only here: they need no answer at every start. */
const FURTHER: Readonly<Record<Language, readonly Probe[]>> = {
  bash: [
    { name: 'docker-socket', attack: () => 'ls /var/run/docker.sock /run/docker.sock', worked: anything },
    { name: 'homes', attack: () => 'ls -A /root /home/agent/.. | grep -v -e agent -e "^/" -e "^$"', worked: anything },
    {
      name: 'control-channel',
      attack: () => 'for f in 3 4 5; do [ -e /proc/self/fd/$f ] && readlink /proc/$PPID/fd/$f; done',
      worked: anything,
    },
    {
      name: 'server-program',
      attack: () => '[ -w /run ] && echo run; find /run -writable ! -type l ! -type s',
      worked: anything,
    },
  ],
  python: [
    {
      name: 'inherited-descriptors',
      attack: () =>
        run(
          'python',
          `import os
own = [os.readlink(f"/proc/self/fd/{fd}") for fd in range(3)]
for fd in os.listdir("/proc/self/fd"):
  try: target = os.readlink("/proc/self/fd/" + fd)
  except OSError: continue
  if target not in own and not target.startswith(("/proc", "pipe:")): print(fd, target)`,
        ),
      worked: anything,
    },
    {
      name: 'vsock',
      attack: () => run('python', 'import socket\nsocket.socket(socket.AF_VSOCK, socket.SOCK_STREAM); print("opened")'),
      worked: anything,
    },
    {
      name: 'process-memory',
      attack: () =>
        run(
          'python',
          `${LIBC}import os
class Part(ctypes.Structure): _fields_ = [("at", ctypes.c_void_p), ("size", ctypes.c_size_t)]
word = ctypes.create_string_buffer(8)
part = Part(ctypes.addressof(word), 8)
if libc.process_vm_readv(os.getpid(), ctypes.byref(part), 1, ctypes.byref(part), 1, 0) >= 0: print("read")`,
        ),
      worked: anything,
    },
  ],
  node: [
    {
      name: 'node-options',
      attack: () =>
        run(
          'node',
          'console.log(Object.keys(process.env).filter((n) => /^(NODE_|ANTHROPIC|TEMPORAL|NIGHTSHIFT)/.test(n)).join(" "))',
        ),
      worked: anything,
    },
  ],
};
