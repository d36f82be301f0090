/**
 * The hosts that a live agent's `pip install` and `npm install` may reach through the sandbox's proxy: exactly those of
 * the person's own pip and npm configuration, read when a live session starts. An index with a password in its address
 * is left out: the password would have to enter the sandbox.
 */
import type { PackageAccess } from '../../activities/workshop.js';
import type { Config } from '../../config/config.js';
import { environmentWithout } from '../../config/environment.js';
import { packageIndex } from '../../config/package-index.js';
import { run } from '../host-process.js';
import { pipDefaults } from './pip-defaults.js';

/** Variables that name an index or a certificate authority; what holds a password stays outside. */
const PASSED = [
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'PIP_CERT',
  'REQUESTS_CA_BUNDLE',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
];

/** Hosts for the proxy and settings for the programs inside. */
export async function packageAccess(config: Config, python: string | null): Promise<PackageAccess> {
  const { indexUrl, certificate } = packageIndex(config.environment);
  const set = Object.entries(config.environment).filter(
    (pair): pair is [string, string] => PASSED.includes(pair[0]) && pair[1] !== undefined && !pair[1].includes('@'),
  );
  const registries = await npmRegistries(config);
  return {
    hosts: await packageHosts(config, python, Object.values(registries)),
    environment: {
      ...(indexUrl !== null && !indexUrl.includes('@') ? { PIP_INDEX_URL: indexUrl } : {}),
      ...(certificate === null ? {} : { PIP_CERT: certificate }),
      ...Object.fromEntries(Object.entries(registries).map(([key, url]) => [`npm_config_${key}`, url])),
      ...Object.fromEntries(set),
    },
  };
}

/** `host:port` entries, sorted, without doubles. */
async function packageHosts(
  config: Config,
  python: string | null,
  registries: readonly string[],
): Promise<readonly string[]> {
  const index = packageIndex(config.environment);
  const defaults = index.indexUrl === null && python !== null ? await pipDefaults(python) : null;
  const urls = [
    index.indexUrl ?? defaults?.indexUrl ?? null,
    defaults === null ? null : `https://${defaults.fileHost}`,
    ...index.extraIndexUrls,
    ...registries,
  ];
  return [...new Set(urls.flatMap(hostOf))].sort();
}

/** `registry` and `@scope:registry` to their addresses, without those that hold a password. */
async function npmRegistries({ environment }: Config): Promise<Record<string, string>> {
  const options = { cwd: '/', timeoutMs: 20_000, environment: environmentWithout(environment, []) };
  const { exitCode, stdout } = await run('npm', ['config', 'ls', '--json'], options);
  if (exitCode !== 0) return {};
  const settings = Object.entries(JSON.parse(stdout) as Record<string, unknown>);
  return Object.fromEntries(
    settings.filter(
      (pair): pair is [string, string] =>
        /^(@[^:/]+:)?registry$/.test(pair[0]) && typeof pair[1] === 'string' && hostOf(pair[1]).length > 0,
    ),
  );
}

function hostOf(url: string | null): string[] {
  if (url === null || !URL.canParse(url)) return [];
  const { protocol, hostname, port, username } = new URL(url);
  if (username !== '' || !['http:', 'https:'].includes(protocol)) return [];
  return [`${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`];
}
