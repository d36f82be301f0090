import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { callerDirectory, loadConfig, providerVariables } from '../../config/config.js';
import { locations, packageRoot } from '../../config/locations.js';

describe('the caller’s directory', () => {
  const byNpm = { INIT_CWD: '/home/me', npm_package_json: path.join(packageRoot, 'package.json') };

  it('is where npm was called when npm started us from our own root', () => {
    expect(callerDirectory(byNpm, packageRoot)).toBe('/home/me');
  });

  it('is the working directory when an npm script of another package called us', () => {
    expect(callerDirectory({ ...byNpm, npm_package_json: '/other/package.json' }, '/work')).toBe('/work');
  });

  it('is the working directory when INIT_CWD was only inherited', () => {
    expect(callerDirectory(byNpm, '/somewhere/else')).toBe('/somewhere/else');
  });
});

describe('the configuration', () => {
  it('takes NIGHTSHIFT_HOME before XDG_STATE_HOME before the home directory', () => {
    const all = { NIGHTSHIFT_HOME: '/n', XDG_STATE_HOME: '/x', HOME: '/h' };
    expect(locations(all).state).toBe('/n');
    expect(locations({ XDG_STATE_HOME: '/x', HOME: '/h' }).state).toBe('/x/nightshift');
    expect(locations({ HOME: '/h' }).state).toBe('/h/.local/state/nightshift');
  });

  it('knows a Temporal server of one’s own by an address, a profile or a file', () => {
    for (const name of ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE']) {
      expect(loadConfig({ [name]: 'x' }).externalTemporal).toBe(true);
    }
    expect(loadConfig({ TEMPORAL_NAMESPACE: 'x' }).externalTemporal).toBe(false);
  });

  it('lists only the provider’s variables, and only those that are set', () => {
    const environment = { ANTHROPIC_API_KEY: 'k', NIGHTSHIFT_MODEL: '', PATH: '/bin' };
    expect(providerVariables(environment)).toEqual([['ANTHROPIC_API_KEY', 'k']]);
  });
});
