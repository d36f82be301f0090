/** How much of the disk is free, and how much a directory takes; figures for people, so decimal megabytes. Only looks. */
import { existsSync, lstatSync, readdirSync, statfsSync } from 'node:fs';
import path from 'node:path';

/** Free megabytes for this user where a directory is, or will be. */
export function freeMegabytes(directory: string): number {
  for (let place = path.resolve(directory); ; place = path.dirname(place)) {
    if (!existsSync(place) && place !== path.dirname(place)) continue;
    const { bavail, bsize } = statfsSync(place);
    return Math.floor((bavail * bsize) / 1e6);
  }
}

/** Megabytes that a directory and all below it take on disk; what cannot be read counts as nothing. */
export function usedMegabytes(directory: string): number {
  return Math.round(usedBytes(directory) / 1e6);
}

function usedBytes(place: string): number {
  try {
    const entry = lstatSync(place);
    if (!entry.isDirectory()) return entry.blocks * 512;
    return readdirSync(place).reduce((sum, name) => sum + usedBytes(path.join(place, name)), 0);
  } catch {
    return 0; // gone meanwhile, or another user's
  }
}

/** `540 MB`, `3.3 GB`. */
export function megabytes(mb: number): string {
  return mb < 1_000 ? `${Math.round(mb)} MB` : `${(mb / 1_000).toFixed(1)} GB`;
}
