/**
 * What of the host's system a sandbox may read: looked up once, on the host.
 */
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { packageRoot } from '../../config/locations.js';
import { type HostView, SYSTEM_FILES } from './bubblewrap-arguments.js';

const ROOT_ENTRIES = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

let known: HostView | null = null;

export function hostView(): HostView {
  known ??= look();
  return known;
}

function look(): HostView {
  const rootLinks: Record<string, string> = {};
  const rootDirectories: string[] = [];
  for (const entry of ROOT_ENTRIES) {
    const stat = lstatSync(entry, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) rootLinks[entry] = readlinkSync(entry);
    else if (stat?.isDirectory()) rootDirectories.push(entry);
  }
  return {
    rootLinks,
    rootDirectories,
    systemFiles: SYSTEM_FILES.filter((file) => existsSync(file)),
    mask: packageRoot.startsWith('/usr/') ? packageRoot : null,
  };
}
