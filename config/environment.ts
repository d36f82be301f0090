/**
 * The only reader of process.env. Everything else receives an environment as a value, so that it can be tested with one
 * of its own. Must never change the process's environment.
 */

/** An environment as a value: names to strings. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A frozen copy of this process's environment. */
export function processEnvironment(): Environment {
  return Object.freeze({ ...process.env });
}

/** Variables that decide which model a worker may call; their values are secrets. */
export const PROVIDER_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_BASE_URL',
  'NIGHTSHIFT_MODEL',
] as const;

/** Credentials among them: only the worker, and the commands and the supervisor that start it, ever hold these. */
export const SECRET_VARIABLES = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'] as const;

/** Variables with which a person names a Temporal server of their own. */
export const TEMPORAL_VARIABLES = ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'] as const;

/** The environment without empty values and without the names given: what a trusted program is started with. */
export function environmentWithout(environment: Environment, names: readonly string[]): Record<string, string> {
  const dropped = new Set(names);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !dropped.has(name)) kept[name] = value;
  }
  return kept;
}
