import { expect, test } from '@jest/globals';
import { systemCallFilter } from '../../../activities/security/system-call-filter.js';
import { describeSandboxed, places } from './sandbox-fixture.js';

/** Calls by number from Python and prints the error's name; the numbers are of this machine's architecture. */
const CALL = `import ctypes, errno, json, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
told = {}
for name, arguments in json.loads(sys.argv[1]).items():
    ctypes.set_errno(0)
    told[name] = 'ok' if libc.syscall(*map(ctypes.c_long, arguments)) >= 0 else errno.errorcode[ctypes.get_errno()]
for name, family in {'vsock': 40, 'alg': 38, 'packet': 17, 'unix': 1, 'inet': 2, 'inet6': 10}.items():
    try: socket.socket(family, 3 if family == 17 else 1 if family != 38 else 5).close(); told[name] = 'ok'
    except OSError as error: told[name] = errno.errorcode[error.errno]
print(json.dumps(told))`;

const NEWUSER = 0x10000000;
const CALLS: Readonly<Record<'x64' | 'arm64', Readonly<Record<string, readonly number[]>>>> = {
  x64: {
    ptrace: [101, 0, 0, 0, 0],
    keyctl: [250, 0, -3, 0],
    bpf: [321, 0, 0, 0],
    io_uring: [425, 4, 0],
    unshare: [272, NEWUSER],
    clone: [56, NEWUSER | 17, 0, 0, 0, 0],
    clone3: [435, 0, 0],
    shmget: [29, 0, 4096, 0o1600],
    userfaultfd: [323, 0],
    perf: [298, 0, 0, -1, -1, 0],
    x32: [0x40000000 + 39],
    getpid: [39],
  },
  arm64: {
    ptrace: [117, 0, 0, 0, 0],
    keyctl: [219, 0, -3, 0],
    bpf: [280, 0, 0, 0],
    io_uring: [425, 4, 0],
    unshare: [97, NEWUSER],
    clone: [220, NEWUSER | 17, 0, 0, 0, 0],
    clone3: [435, 0, 0],
    shmget: [194, 0, 4096, 0o1600],
    userfaultfd: [282, 0],
    perf: [241, 0, 0, -1, -1, 0],
    x32: [9999],
    getpid: [172],
  },
};

test('an architecture without known numbers gets no filter, and both known ones get whole instructions', () => {
  expect(systemCallFilter('riscv64', { memoryFiles: true })).toBeNull();
  for (const architecture of ['x64', 'arm64']) {
    const program = systemCallFilter(architecture, { memoryFiles: true });
    expect((program?.length ?? 1) % 8).toBe(0);
    expect(program?.length).toBeLessThan(systemCallFilter(architecture, { memoryFiles: false })?.length ?? 0);
  }
});

describeSandboxed('system calls inside', () => {
  const at = places();

  test('what no build needs is refused by number, and ordinary calls work', async () => {
    const sandbox = await at.open();
    const calls = CALLS[process.arch === 'arm64' ? 'arm64' : 'x64'];
    const { stdout, output } = await sandbox.run({
      command: ['python3', '-c', CALL, JSON.stringify(calls)],
      timeoutMs: 10_000,
    });
    expect({ ...JSON.parse(stdout || JSON.stringify(output)) }).toEqual({
      ptrace: 'EPERM',
      keyctl: 'EPERM',
      bpf: 'EPERM',
      io_uring: 'ENOSYS',
      unshare: 'EPERM',
      clone: 'EPERM',
      clone3: 'ENOSYS',
      shmget: 'ENOSYS',
      userfaultfd: 'EPERM',
      perf: 'EPERM',
      x32: 'ENOSYS',
      getpid: 'ok',
      vsock: 'EAFNOSUPPORT',
      alg: 'EAFNOSUPPORT',
      packet: 'EAFNOSUPPORT',
      unix: 'ok',
      inet: 'ok',
      inet6: 'ok',
    });
    expect(sandbox.notes).not.toContainEqual(expect.stringContaining('seccomp'));
  });
});
