import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { SandboxLost } from '../../../activities/security/sandbox.js';
import { describeSandboxed, eventually, places, shell } from './sandbox-fixture.js';

describeSandboxed('the view from inside a sandbox', () => {
  const at = places();

  test('the project is writable at its own path and is the working directory', async () => {
    const projectDir = at.directory();
    const sandbox = await at.open({ projectDir });
    const result = await shell(sandbox, 'pwd && echo made > a.txt');
    expect(result.output).toBe(`${projectDir}\n`);
    expect(readFileSync(path.join(projectDir, 'a.txt'), 'utf8')).toBe('made\n');
  });

  test('nothing outside of the project can be written', async () => {
    const outer = at.directory();
    const projectDir = path.join(outer, 'work', 'app');
    mkdirSync(projectDir, { recursive: true });
    const sandbox = await at.open({ projectDir });
    const result = await shell(
      sandbox,
      `for f in ${outer}/x ${outer}/work/x ../y /usr/x /etc/x /dev/x /run/x /x; do touch $f 2>/dev/null && echo wrote $f; done; true`,
    );
    expect(result.output).toBe('');
    expect(existsSync(path.join(outer, 'x'))).toBe(false);
    expect(existsSync(path.join(outer, 'work', 'y'))).toBe(false);
  });

  test('other projects, homes, secrets and the host processes do not exist', async () => {
    const other = at.directory();
    writeFileSync(path.join(other, 'secret.txt'), 'secret');
    const sandbox = await at.open();
    const result = await shell(
      sandbox,
      `cat ${other}/secret.txt; ls /root /home/* /var /opt /sys /proc/${process.pid}; ls /work`,
    );
    expect(result.output).not.toContain('secret\n');
    expect(result.stdout.replace(/\/home\/agent:?\n?/g, '').trim()).toBe('');
  });

  test('the environment holds what was asked for and nothing of the worker', async () => {
    process.env['SANDBOX_TEST_CANARY'] = 'leaked';
    const sandbox = await at.open({ environment: { DATABASE_URL: 'postgresql://x' } });
    const result = await shell(
      sandbox,
      'env; cat /proc/1/environ /proc/2/environ /proc/self/environ 2>/dev/null | tr "\\0" "\\n"',
    );
    expect(result.output).toContain('DATABASE_URL=postgresql://x');
    expect(result.output).toContain('HOME=/home/agent');
    expect(result.output).not.toContain('leaked');
    expect(result.output).not.toContain('ANTHROPIC');
    delete process.env['SANDBOX_TEST_CANARY'];
  });

  test('a server on the loopback of the host is not reachable', async () => {
    const server = createServer((_, response) => response.end('host'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sandbox = await at.open();
    const result = await shell(sandbox, `curl -sS -m 5 http://127.0.0.1:${port}/`);
    expect(result.exitCode).not.toBe(0);
    expect(result.output).not.toBe('host');
    await new Promise((resolve) => server.close(resolve));
  });

  test('no path leads to the socket by which the host connects, and nothing inside redirects it', async () => {
    const server = createServer((_, response) => response.end('host'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sandbox = await at.open();
    const found = await shell(sandbox, 'find / -xdev -name "in.sock*" 2>/dev/null; ls -R /run/nightshift 2>/dev/null');
    expect(found.stdout).not.toContain('in.sock');
    await shell(sandbox, 'ln -s /run/docker.sock in.sock; ln -s /run/docker.sock app.sock');
    await expect(sandbox.connect(port)).rejects.toThrow(`nothing listens on 127.0.0.1:${port} in the sandbox`);
    await new Promise((resolve) => server.close(resolve));
  });

  test('commands hold no rights and cannot get any', async () => {
    const sandbox = await at.open();
    const result = await shell(
      sandbox,
      'grep -E "CapEff|NoNewPrivs" /proc/self/status; unshare -Ur true; mount -t tmpfs x /tmp; echo 1 > /proc/sys/kernel/sysrq; cat /proc/2/mem',
    );
    expect(result.stdout).toMatch(/CapEff:\s+0000000000000000\nNoNewPrivs:\s+1\n$/);
  });

  test('a project behind a symlink is seen at both paths', async () => {
    const outer = at.directory();
    mkdirSync(path.join(outer, 'real'));
    symlinkSync(path.join(outer, 'real'), path.join(outer, 'link'));
    const sandbox = await at.open({ projectDir: path.join(outer, 'link') });
    const result = await shell(sandbox, `echo x > ${outer}/link/a && cat ${outer}/real/a`);
    expect(result.output).toBe('x\n');
  });

  test('a project and a read-only directory below a private home work', async () => {
    const home = mkdtempSync('/tmp/security-home-');
    chmodSync(home, 0o700);
    const projectDir = path.join(home, 'app');
    const tools = path.join(home, 'tools');
    mkdirSync(projectDir);
    mkdirSync(tools);
    writeFileSync(path.join(tools, 'hello'), '#!/bin/sh\necho hello\n', { mode: 0o755 });
    const sandbox = await at.open({ projectDir, readOnly: [tools], path: [tools] });
    const result = await shell(sandbox, `hello; touch ${tools}/x; touch made`);
    expect(result.stdout).toBe('hello\n');
    expect(result.output).toContain('Read-only file system');
    await sandbox.close();
    expect(existsSync(path.join(projectDir, 'made'))).toBe(true);
    rmSync(home, { recursive: true });
  });

  test('git works inside, and a root worker finds nothing that is not its own afterwards', async () => {
    const projectDir = at.directory();
    writeFileSync(path.join(projectDir, 'README.md'), 'hi');
    const before = statSync(projectDir);
    const sandbox = await at.open({ projectDir });
    const result = await shell(
      sandbox,
      'git init -q && git add -A && git commit -qm first && git log --format=%s && cp /bin/true suid && chmod 6755 suid',
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: 'first\n' });
    await sandbox.close();
    for (const name of ['', '.git', '.git/HEAD', 'README.md', 'suid']) {
      expect(statSync(path.join(projectDir, name)).uid).toBe(before.uid);
    }
    expect(statSync(path.join(projectDir, 'suid')).mode & 0o6000).toBe(0);
  });
});

describeSandboxed('the life of a sandbox', () => {
  const at = places();

  test('nothing survives its end, not even a child in a session of its own', async () => {
    const projectDir = at.directory();
    const sandbox = await at.open({ projectDir });
    await shell(sandbox, `setsid nohup sh -c 'while true; do date +%N > beat; sleep 0.02; done' >/dev/null 2>&1 &`);
    await eventually(() => (existsSync(path.join(projectDir, 'beat')) ? true : null), 'the child beats');
    await sandbox.close();
    const beat = readFileSync(path.join(projectDir, 'beat'), 'utf8');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(readFileSync(path.join(projectDir, 'beat'), 'utf8')).toBe(beat);
  });

  test('a sandbox that is killed from inside is lost, and says so', async () => {
    const sandbox = await at.open();
    await expect(shell(sandbox, 'kill -9 2; sleep 5')).rejects.toBeInstanceOf(SandboxLost);
    await expect(shell(sandbox, 'true')).rejects.toBeInstanceOf(SandboxLost);
  });

  test('the signals of a careless pkill do not reach its server', async () => {
    const sandbox = await at.open();
    await shell(sandbox, 'pkill -f node; pkill -f sandbox; kill -TERM 2; kill -INT 2; kill -9 1');
    expect((await shell(sandbox, 'echo alive')).stdout).toBe('alive\n');
  });

  test('closing twice is closing once, and two sandboxes share a project', async () => {
    const projectDir = at.directory();
    const first = await at.open({ projectDir });
    const second = await at.open({ projectDir });
    await Promise.all([first.close(), first.close()]);
    expect((await shell(second, 'touch still-mine && echo yes')).stdout).toBe('yes\n');
    await second.close();
    expect(statSync(path.join(projectDir, 'still-mine')).uid).toBe(process.getuid?.());
  });
});
