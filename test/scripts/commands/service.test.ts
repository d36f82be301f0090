import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { serviceInstall, serviceRemove } from '../../../scripts/commands/service.js';
import type { Terminal } from '../../../scripts/terminal.js';
import { program, scratchDirectory } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchDirectory>;
let said: string[];
beforeEach(() => {
  scratch = scratchDirectory();
  said = [];
});
afterEach(() => scratch.remove());

/** A person's home on a system whose service tool writes down what it is told. */
function home(platform: NodeJS.Platform, tool: string, script: string) {
  const bin = path.join(scratch.path, 'bin');
  program(bin, tool, script);
  const config = loadConfig({
    ...{ HOME: scratch.path, PATH: `${bin}:/usr/bin:/bin`, NIGHTSHIFT_HOME: '/srv/a "b" $c %d' },
    ANTHROPIC_API_KEY: 'sk-secret-word-0123456789',
  });
  const say = (line: string): void => {
    said.push(line);
  };
  return { config, platform, terminal: { line: say, problem: say } as Partial<Terminal> as Terminal };
}
const told = (): string => readFileSync(path.join(scratch.path, 'told'), 'utf8');
const writesDown = (): string => `echo "$@" >> ${scratch.path}/told`;

describe('the service', () => {
  it('is a systemd user unit that starts and stops Nightshift, and holds no secret', async () => {
    const context = home('linux', 'systemctl', writesDown());
    expect(await serviceInstall(context)).toBe(0);
    const unit = readFileSync(path.join(scratch.path, '.config/systemd/user/nightshift.service'), 'utf8');
    expect(unit).toMatch(/^ExecStart="\S+node" "\S+\/nightshift" up$/m);
    expect(unit).toContain(String.raw`Environment="NIGHTSHIFT_HOME=/srv/a \"b\" $c %%d"`);
    expect(unit).not.toContain('secret-word');
    expect(told()).toBe('--user daemon-reload\n--user enable nightshift.service\n');
    expect(said.join('\n')).toContain('loginctl enable-linger');
  });

  it('is removed again, and removing what is not there is no error', async () => {
    const context = home('linux', 'systemctl', writesDown());
    await serviceInstall(context);
    expect(await serviceRemove(context)).toBe(0);
    expect(existsSync(path.join(scratch.path, '.config/systemd/user/nightshift.service'))).toBe(false);
    expect(await serviceRemove(context)).toBe(0);
    expect(said.at(-1)).toContain('no service is installed');
  });

  it('is written where the session bus is missing, with the command that is left to run and exit 5', async () => {
    const context = home('linux', 'systemctl', 'echo "Failed to connect to bus" >&2; exit 1');
    expect(await serviceInstall(context)).toBe(5);
    expect(said.join('\n')).toContain('systemctl --user daemon-reload: Failed to connect to bus');
    expect(existsSync(path.join(scratch.path, '.config/systemd/user/nightshift.service'))).toBe(true);
  });

  it('is a launchd agent on a Mac', async () => {
    const context = home('darwin', 'launchctl', writesDown());
    expect(await serviceInstall(context)).toBe(0);
    const file = path.join(scratch.path, 'Library/LaunchAgents/dev.nightshift.plist');
    expect(readFileSync(file, 'utf8')).toContain('<string>up</string>');
    expect(told()).toBe(`load -w ${file}\n`);
  });

  it('is refused in one sentence where there is neither', async () => {
    await expect(serviceInstall(home('aix', 'none', ''))).rejects.toThrow(/not on aix; run nightshift up/);
  });
});
