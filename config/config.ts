/**
 * What the environment says, parsed once: places, the person's own servers, the caller's directory. Holds no defaults of
 * a build (workflows/contract.ts) and starts nothing.
 */
import path from 'node:path';
import { type Environment, PROVIDER_VARIABLES, processEnvironment, TEMPORAL_VARIABLES } from './environment.js';
import { type Locations, locations, packageRoot } from './locations.js';

export interface Config {
  readonly locations: Locations;
  /** The environment the parsing started from; hand it on, never read process.env. */
  readonly environment: Environment;
  /** `NIGHTSHIFT_DATABASE_URL`: an admin URL of a PostgreSQL of one's own, or null. */
  readonly databaseUrl: string | null;
  /** True when the environment names a Temporal server or profile: no dev server is started then. */
  readonly externalTemporal: boolean;
  /** `NIGHTSHIFT_MODEL`, or null. */
  readonly defaultModel: string | null;
  /** True when a key or token for the model provider is set. */
  readonly hasProviderKey: boolean;
  /** Relative paths that a person types resolve against this. */
  readonly callerDirectory: string;
}

export function loadConfig(environment: Environment = processEnvironment(), cwd: string = process.cwd()): Config {
  const value = (name: string): string | null => environment[name]?.trim() || null;
  return {
    locations: locations(environment),
    environment,
    databaseUrl: value('NIGHTSHIFT_DATABASE_URL'),
    externalTemporal: TEMPORAL_VARIABLES.some((name) => value(name) !== null),
    defaultModel: value('NIGHTSHIFT_MODEL'),
    hasProviderKey: value('ANTHROPIC_API_KEY') !== null || value('ANTHROPIC_AUTH_TOKEN') !== null,
    callerDirectory: callerDirectory(environment, cwd),
  };
}

/**
 * The directory of the person who typed the command. npm runs scripts in the package's root and keeps the caller's in
 * INIT_CWD; that variable is inherited by everything below, so it counts only when npm started us from our own root.
 */
export function callerDirectory(environment: Environment, cwd: string = process.cwd()): string {
  const initial = environment.INIT_CWD;
  const byNpm = environment.npm_package_json === path.join(packageRoot, 'package.json');
  return byNpm && initial && cwd === packageRoot ? initial : cwd;
}

/** The provider's variables that are set, by name, sorted: input of the keyed hash in the run file. */
export function providerVariables(environment: Environment): readonly (readonly [string, string])[] {
  return PROVIDER_VARIABLES.flatMap((name) => {
    const value = environment[name];
    return value ? [[name, value] as const] : [];
  });
}
