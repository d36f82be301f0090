/**
 * A machine that is not this one, made of this one: programs removed (an overlay nobody else sees), another user, no
 * network, user namespaces refused as a container refuses them. Needs root; nothing outside of it changes.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { quote } from 'shell-quote';
import { packageRoot } from '../../config/locations.js';

export interface MachineTraits {
  /** Files and folders that this machine does not have. */
  readonly without?: readonly string[];
  /** An ordinary user instead of root. */
  readonly ordinary?: boolean;
  /** `unshare` and `clone` of user namespaces fail with EPERM, as under a container's seccomp filter. */
  readonly refusesNamespaces?: boolean;
  readonly offline?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface MachineEnding {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ends by a filter that every descendant inherits; numbers of x86-64 and arm64. */
const REFUSE_NAMESPACES = `
import ctypes, os, platform, struct, sys
arm = platform.machine() == "aarch64"
clone, clone3, unshare = (220, 435, 97) if arm else (56, 435, 272)
NEWUSER, EPERM, ENOSYS, ALLOW = 0x10000000, 0x50001, 0x50026, 0x7FFF0000
op = lambda code, jt, jf, k: struct.pack("HBBI", code, jt, jf, k)
program = b"".join([
    op(0x20, 0, 0, 0),            # the number of the call
    op(0x15, 5, 0, clone3),       # clone3: not there, so that libraries fall back to clone
    op(0x15, 1, 0, clone),
    op(0x15, 0, 4, unshare),
    op(0x20, 0, 0, 16),           # its flags
    op(0x45, 0, 2, NEWUSER),
    op(0x06, 0, 0, EPERM),
    op(0x06, 0, 0, ENOSYS),
    op(0x06, 0, 0, ALLOW),
])
libc = ctypes.CDLL(None, use_errno=True)
filters = ctypes.create_string_buffer(program)
fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(filters))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.create_string_buffer(fprog), 0, 0) == 0
os.execvp(sys.argv[1], sys.argv[1:])
`;

/** Why no other machine can be made here, or null. */
export function otherMachineProblem(): string | null {
  if (process.platform !== 'linux') return 'mounts of its own need Linux';
  if (process.getuid?.() !== 0) return 'mounts of its own need root';
  const script =
    's=$(mktemp -d) && mount -t tmpfs none $s && mkdir $s/u $s/w && mount -t overlay none -o lowerdir=/usr/bin,upperdir=$s/u,workdir=$s/w /usr/bin';
  const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' });
  return status === 0 ? null : `no mounts of its own can be made: ${stderr.trim()}`;
}

export class OtherMachine {
  readonly home: string;
  /** Where commands are typed. */
  readonly directory: string;
  readonly #scratch: string;

  constructor(private readonly traits: MachineTraits) {
    this.#scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'nightshift-machine-')));
    chmodSync(this.#scratch, 0o755);
    this.home = path.join(this.#scratch, 'home');
    this.directory = path.join(this.home, 'work');
    mkdirSync(this.directory, { recursive: true });
    if (traits.ordinary === true) {
      this.#lendPrograms();
      spawnSync('chown', ['-R', 'nobody', this.home]);
    }
  }

  /** The path of `nightshift` there. */
  get program(): string {
    return path.join(this.#scratch, 'clone', 'nightshift');
  }

  /** `./nightshift args` typed there. */
  nightshift(...args: readonly string[]): MachineEnding {
    return this.run([process.execPath, this.program, ...args]);
  }

  run(command: readonly string[]): MachineEnding {
    const flags = ['--mount', ...(this.traits.offline === true ? ['--net'] : [])];
    const { status, stdout, stderr } = spawnSync('unshare', [...flags, 'sh', '-c', this.#script(command)], {
      encoding: 'utf8',
      cwd: '/',
      input: '',
      env: {},
      maxBuffer: 64 * 1024 * 1024,
      timeout: 590_000,
    });
    return { exitCode: status, stdout, stderr };
  }

  /** Ends what runs there and removes it. */
  close(): void {
    this.nightshift('down');
    rmSync(this.#scratch, { recursive: true, force: true, maxRetries: 5 });
  }

  /** What set-up would download: the question here is never the network's speed. */
  #lendPrograms(): void {
    const own = path.join(process.env['NIGHTSHIFT_CACHE'] ?? path.join(homedir(), '.cache', 'nightshift'), 'bin');
    const lent = path.join(this.home, '.cache', 'nightshift', 'bin');
    mkdirSync(lent, { recursive: true });
    if (!existsSync(own)) return;
    const kept = this.traits.without?.includes('uv') ? /^temporal-\d/ : /^(temporal|uv)-\d/;
    for (const name of readdirSync(own).filter((entry) => kept.test(entry))) {
      spawnSync('cp', ['--reflink=auto', path.join(own, name), path.join(lent, name)]);
    }
  }

  #script(command: readonly string[]): string {
    const clone = path.join(this.#scratch, 'clone');
    return [
      'set -e',
      `mkdir -p ${quote([clone])} && mount --bind ${quote([packageRoot])} ${quote([clone])}`,
      's=$(mktemp -d) && mount -t tmpfs none $s',
      ...this.#removals(),
      ...(this.traits.offline === true ? ['ip link set lo up'] : []),
      `cd ${quote([this.directory])}`,
      `exec ${quote([...this.#identity(), ...this.#filter(), ...command])}`,
    ].join('\n');
  }

  /** Each folder that loses something gets a layer of its own above it. */
  #removals(): string[] {
    const paths = (this.traits.without ?? []).filter((file) => path.isAbsolute(file) && existsSync(file));
    const folders = [...new Set(paths.map((file) => path.dirname(file)))];
    return folders.flatMap((folder, index) => {
      const gone = paths.filter((file) => path.dirname(file) === folder);
      const options = `lowerdir=${folder},upperdir=$s/u${index},workdir=$s/w${index}`;
      return [
        `mkdir $s/u${index} $s/w${index} && mount -t overlay none -o ${options} ${quote([folder])}`,
        `rm -rf ${quote(gone)}`,
      ];
    });
  }

  #identity(): string[] {
    const system = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const passed = [
      'NODE_EXTRA_CA_CERTS',
      'PIP_CERT',
      'SSL_CERT_FILE',
      'npm_config_registry',
      'PIP_INDEX_URL',
      'PIP_CONFIG_FILE',
    ];
    const kept = passed.flatMap((name) => (process.env[name] ? [`${name}=${process.env[name]}`] : []));
    const own = Object.entries(this.traits.variables ?? {}).map(([name, value]) => `${name}=${value}`);
    if (this.traits.ordinary === true) {
      const drop = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', '--bounding-set=-all'];
      return [...drop, 'env', '-i', `HOME=${this.home}`, 'LANG=C.UTF-8', `PATH=${system}`, ...kept, ...own];
    }
    // Root's own downloads, under a PATH that no other shell has: what is remembered of this machine stays as it is.
    const state = `NIGHTSHIFT_HOME=${path.join(this.#scratch, 'state')}`;
    return [
      'env',
      '-i',
      `HOME=${homedir()}`,
      'LANG=C.UTF-8',
      `PATH=${system}:${this.#scratch}`,
      state,
      ...kept,
      ...own,
    ];
  }

  #filter(): string[] {
    return this.traits.refusesNamespaces === true ? ['/usr/bin/python3', '-c', REFUSE_NAMESPACES] : [];
  }
}
