import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import { processEnvironment } from '../../../config/environment.js';
import { packageAccess } from '../../../scripts/resolvers/package-hosts.js';
import { pipDefaults } from '../../../scripts/resolvers/pip-defaults.js';

const environment = (extra: Record<string, string>) => {
  const { PATH, HOME } = processEnvironment();
  return { PATH, HOME, PIP_CONFIG_FILE: '/dev/null', ...extra };
};
const accessOf = (extra: Record<string, string>) => packageAccess(loadConfig(environment(extra)), 'python3');

describe('the package hosts of a live agent', () => {
  it('are those of the configured index, with its port', async () => {
    const { hosts, environment } = await accessOf({ PIP_INDEX_URL: 'http://mirror.test:8080/simple/' });
    expect(hosts).toContain('mirror.test:8080');
    expect(environment['PIP_INDEX_URL']).toMatch(/^http:\/\/mirror\.test:8080\/simple/);
  });

  it('are those of npm, for each scope, and none of its tokens come along', async () => {
    const directory = mkdtempSync('/tmp/nightshift-npmrc-');
    const file = path.join(directory, 'npmrc');
    const lines = ['registry=https://npm.mirror.test/', '@mine:registry=https://npm.mine.test:8443/x/'];
    const secret = ['@other:registry=https://me:secret@npm.other.test/', '//npm.mine.test/:_authToken=secret'];
    writeFileSync(file, [...lines, ...secret].join('\n'));
    const access = await accessOf({ NPM_CONFIG_USERCONFIG: file });
    rmSync(directory, { recursive: true });
    expect(access.hosts).toEqual(expect.arrayContaining(['npm.mirror.test:443', 'npm.mine.test:8443']));
    expect(access.environment).toMatchObject({ 'npm_config_@mine:registry': 'https://npm.mine.test:8443/x/' });
    expect(JSON.stringify(access)).not.toMatch(/secret|npm\.other/);
  });

  it('never bring a password into the sandbox', async () => {
    const access = await accessOf({ PIP_INDEX_URL: 'https://me:secret@private.test/simple' });
    expect(JSON.stringify(access)).not.toContain('secret');
    expect(access.hosts).not.toContain('private.test:443');
  });

  it('leave out what is no address', async () => {
    const { hosts } = await accessOf({ PIP_INDEX_URL: 'not an address', PIP_EXTRA_INDEX_URL: 'ftp://files.test/x' });
    expect(hosts.some((host) => /files\.test|not an/.test(host))).toBe(false);
  });
});

describe('the default index', () => {
  it('is asked of pip itself, never named by Nightshift', async () => {
    const defaults = await pipDefaults('python3');
    expect(defaults?.indexUrl).toMatch(/^https:\/\/[^/]+\/simple$/);
    expect(defaults?.fileHost).toMatch(/^[a-z.]+$/);
  });

  it('is unknown to a Python that cannot be run', async () => {
    expect(await pipDefaults('/nonexistent/python')).toBeNull();
  });
});
