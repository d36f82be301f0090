/**
 * What a running supervisor is compared by: the code it runs, the lock file, the provider's variables (keyed hash) and
 * the servers that the environment names.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Config, providerVariables } from '../../config/config.js';
import { packageRoot } from '../../config/locations.js';

export interface Versions {
  /** The checkout that the code comes from: another one's supervisor cannot start a successor of ours. */
  readonly packageRoot: string;
  readonly codeVersion: string;
  readonly lockHash: string;
  readonly providerHash: string | null;
  readonly serversHash: string;
}

/** Folders whose content a worker runs or reads; `dist/scripts` is the commands' and the supervisor's own. */
const CODE = ['dist/workflows', 'dist/activities', 'dist/workers', 'dist/config', 'dist/offline-model', 'dist/prompts'];
const DATA = ['prompts', 'activities'];

export function currentVersions(config: Config): Versions {
  return {
    packageRoot,
    codeVersion: codeVersion(),
    lockHash: digest([readFileSync(path.join(packageRoot, 'package-lock.json'), 'utf8')]),
    providerHash: providerHash(config),
    serversHash: digest([
      config.databaseUrl ?? '',
      ...Object.entries(config.environment)
        .filter(([name]) => config.externalTemporal && name.startsWith('TEMPORAL_'))
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    ]),
  };
}

/** Hash over the compiled code and the files that it reads at run time (templates, prompts); about 30 ms. */
function codeVersion(): string {
  const files = CODE.flatMap((folder) => walk(path.join(packageRoot, folder), (name) => name.endsWith('.js')));
  files.push(...DATA.flatMap((folder) => walk(path.join(packageRoot, folder), (name) => !name.endsWith('.ts'))));
  return digest(files.sort().flatMap((file) => [path.relative(packageRoot, file), readFileSync(file, 'latin1')]));
}

function walk(directory: string, wanted: (name: string) => boolean): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === '__pycache__' ? [] : walk(file, wanted);
    return entry.isFile() && wanted(entry.name) ? [file] : [];
  });
}

/** Keyed with a random key of this state directory, so that the run file tells nothing about a short secret. */
function providerHash(config: Config): string | null {
  const variables = providerVariables(config.environment);
  if (variables.length === 0) return null;
  const file = path.join(config.locations.run, 'provider-hash-key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  return createHmac('sha256', readFileSync(file, 'utf8')).update(JSON.stringify(variables)).digest('hex').slice(0, 32);
}

function digest(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}
