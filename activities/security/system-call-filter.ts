/**
 * The seccomp program of a sandbox, pure: system calls that no build needs and through which kernels have been broken,
 * refused to everything inside. What it doesn't name is allowed: the namespaces are the boundary, this makes it smaller.
 */

/** Numbers on x86_64 and on arm64 (Linux's unistd tables); null = the call doesn't exist there. */
type Numbers = readonly [x64: number | null, arm64: number | null];

/** Refused as if not permitted. */
const NOT_PERMITTED: Readonly<Record<string, Numbers>> = {
  // into other processes
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  // keys of the kernel: not in any namespace
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // programs and events in the kernel
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  fanotify_init: [300, 262],
  // mounts and namespaces
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  setns: [308, 268],
  unshare: [272, 97],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_by_handle_at: [304, 265],
  // the machine
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  vhangup: [153, 58],
  iopl: [172, null],
  ioperm: [173, null],
  modify_ldt: [154, null],
  lookup_dcookie: [212, 18],
};

/** Refused as if the kernel were older: callers know another way. */
const NOT_THERE: Readonly<Record<string, Numbers>> = {
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  // its flags lie in memory, where a filter can't read them; the C library then uses clone
  clone3: [435, 435],
  // memory that no limit of a process counts
  shmget: [29, 194],
  memfd_secret: [447, 447],
};
/** Where no control group counts it, memory behind a descriptor belongs to nobody. */
const MEMORY_FILE: Numbers = [319, 279];

const CLONE: Numbers = [56, 220];
/** New mount, cgroup, uts, ipc, user, pid and network namespaces. */
const CLONE_NAMESPACES = 0x7e020000;
const SOCKET: Numbers = [41, 198];
/** Unix, IPv4, IPv6, and netlink of routes (which lists interfaces). Vsock reaches a virtual machine's host. */
const SOCKET_FAMILIES = [1, 2, 10];
const NETLINK = 16;
const IOCTL: Numbers = [16, 29];
/** TIOCSTI and TIOCLINUX type into a terminal. */
const TERMINAL_REQUESTS = [0x5412, 0x541c];

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const X32_BIT = 0x40000000;
const ARCHITECTURES = {
  x64: { column: 0, audit: 0xc000003e },
  arm64: { column: 1, audit: 0xc00000b7 },
} as const;

export interface FilterOptions {
  /** Also refuse memory files, for want of a control group. */
  readonly memoryFiles: boolean;
}

/** The program as bubblewrap's `--seccomp` reads it; null on an architecture whose numbers are not known here. */
export function systemCallFilter(architecture: string, options: FilterOptions): Buffer | null {
  if (architecture !== 'x64' && architecture !== 'arm64') return null;
  const { column, audit } = ARCHITECTURES[architecture];
  const numbers = (table: Readonly<Record<string, Numbers>>): number[] =>
    Object.values(table).flatMap((pair) => pair[column] ?? []);
  const notThere = [...numbers(NOT_THERE), ...(options.memoryFiles ? [] : [MEMORY_FILE[column] ?? 0])];
  return Buffer.concat([
    load(ARCHITECTURE),
    jump(JEQ, audit, 1, 0),
    refuse(ENOSYS), // 32-bit calls have other numbers
    load(NUMBER),
    ...(architecture === 'x64' ? [jump(JGE, X32_BIT, 0, 1), refuse(ENOSYS)] : []),
    ...numbers(NOT_PERMITTED).map((number) => refuseNumber(number, EPERM)),
    ...notThere.map((number) => refuseNumber(number, ENOSYS)),
    whenNumber(CLONE[column], [load(argument(0)), jump(JSET, CLONE_NAMESPACES, 0, 1), refuse(EPERM)]),
    whenNumber(IOCTL[column], [load(argument(1)), ...TERMINAL_REQUESTS.map((one) => refuseNumber(one, EPERM))]),
    whenNumber(SOCKET[column], socketRules()),
    ALLOW,
  ]);
}

function socketRules(): Buffer[] {
  return [
    load(argument(0)),
    ...SOCKET_FAMILIES.flatMap((family) => [jump(JEQ, family, 0, 1), ALLOW]),
    jump(JEQ, NETLINK, 1, 0),
    refuse(EAFNOSUPPORT),
    load(argument(2)),
    jump(JEQ, 0, 1, 0),
    refuse(EPERM),
  ];
}

/** Classic BPF over `struct seccomp_data`: number, architecture, instruction pointer, six arguments of 64 bits. */
const LOAD = 0x20;
const JEQ = 0x15;
const JGE = 0x35;
const JSET = 0x45;
const RETURN = 0x06;
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number): number => 16 + 8 * index;
const INSTRUCTION_BYTES = 8;

const load = (offset: number): Buffer => instruction(LOAD, 0, 0, offset);
const jump = (code: number, value: number, yes: number, no: number): Buffer => instruction(code, yes, no, value);
const refuse = (errno: number): Buffer => instruction(RETURN, 0, 0, 0x00050000 | errno);
const ALLOW = instruction(RETURN, 0, 0, 0x7fff0000);

function refuseNumber(number: number, errno: number): Buffer {
  return Buffer.concat([jump(JEQ, number, 0, 1), refuse(errno)]);
}

/** The rules for one call, which end in allowing it. */
function whenNumber(number: number | null, rules: readonly Buffer[]): Buffer {
  const body = Buffer.concat([...rules, ALLOW]);
  return Buffer.concat([jump(JEQ, number ?? 0, 0, body.length / INSTRUCTION_BYTES), body]);
}

function instruction(code: number, yes: number, no: number, value: number): Buffer {
  const bytes = Buffer.alloc(INSTRUCTION_BYTES);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(yes, 2);
  bytes.writeUInt8(no, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}
