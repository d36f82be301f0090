/**
 * How the supervisor tells a worker where things are: written into the worker's environment, read back by the worker.
 * Both directions live here so that they cannot disagree.
 */
import type { Environment } from './environment.js';

export interface Services {
  /** `host:port` of the dev server, or null when Temporal's own variables name the server. */
  readonly temporalAddress: string | null;
  /** Admin URL (`postgresql://…`) of the PostgreSQL for checks; a secret. Null = none. */
  readonly postgresAdminUrl: string | null;
  /** `http://127.0.0.1:port` of the offline model, or null. */
  readonly offlineModelUrl: string | null;
  /** Interpreter for generated projects, or null. */
  readonly python: string | null;
  readonly uv: string | null;
  readonly bubblewrap: string | null;
}

const NAMES = {
  postgresAdminUrl: 'NIGHTSHIFT_POSTGRES_ADMIN_URL',
  offlineModelUrl: 'NIGHTSHIFT_OFFLINE_MODEL_URL',
  python: 'NIGHTSHIFT_PYTHON',
  uv: 'NIGHTSHIFT_UV',
  bubblewrap: 'NIGHTSHIFT_BWRAP',
} as const;

/** Variables to add to a worker's environment. */
export function servicesEnvironment(services: Services): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const key of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
    const value = services[key];
    if (value !== null) variables[NAMES[key]] = value;
  }
  if (services.temporalAddress !== null) {
    variables.TEMPORAL_ADDRESS = services.temporalAddress;
    variables.TEMPORAL_NAMESPACE = 'default';
  }
  return variables;
}

/** What the supervisor told this worker. `temporalAddress` is whatever TEMPORAL_ADDRESS says. */
export function readServices(environment: Environment): Services {
  const value = (name: string): string | null => environment[name] || null;
  return {
    temporalAddress: value('TEMPORAL_ADDRESS'),
    postgresAdminUrl: value(NAMES.postgresAdminUrl),
    offlineModelUrl: value(NAMES.offlineModelUrl),
    python: value(NAMES.python),
    uv: value(NAMES.uv),
    bubblewrap: value(NAMES.bubblewrap),
  };
}
