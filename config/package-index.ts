/**
 * The package index that the person configured for pip or uv, read from the environment and pip's configuration files,
 * and handed on to uv in uv's own words. Hard-codes no address but the default that pip itself has.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from './environment.js';

export interface PackageIndex {
  /** Simple index, without a trailing slash; null = the tool's own default. */
  readonly indexUrl: string | null;
  readonly extraIndexUrls: readonly string[];
  readonly findLinks: readonly string[];
  readonly certificate: string | null;
}

/** Reads like pip does: the files from the most general to the most special, then the environment. */
export function packageIndex(environment: Environment): PackageIndex {
  const settings: Record<string, string> = {};
  for (const file of pipFiles(environment)) Object.assign(settings, readPipFile(file));
  for (const name of ['index-url', 'extra-index-url', 'find-links', 'cert']) {
    const value = environment[`PIP_${name.toUpperCase().replaceAll('-', '_')}`];
    if (value) settings[name] = value;
  }
  const words = (value: string | undefined): string[] => (value ?? '').split(/\s+/).filter((word) => word !== '');
  const own = environment.UV_DEFAULT_INDEX ?? environment.UV_INDEX_URL ?? settings['index-url'];
  return {
    indexUrl: own ? own.replace(/\/+$/, '') : null,
    extraIndexUrls: words(settings['extra-index-url']),
    findLinks: words(settings['find-links']),
    certificate: settings.cert ?? null,
  };
}

/** The same index in uv's variables; what the person set for uv itself stays. */
export function uvEnvironment(environment: Environment): Record<string, string> {
  const index = packageIndex(environment);
  const variables: Record<string, string | null> = {
    UV_DEFAULT_INDEX: index.indexUrl,
    UV_INDEX: index.extraIndexUrls.join(' ') || null,
    UV_FIND_LINKS: index.findLinks.filter(isThere).join(',') || null,
    SSL_CERT_FILE: index.certificate,
  };
  const added: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value !== null && !environment[name]) added[name] = value;
  }
  return added;
}

/** pip passes over a directory that does not exist; uv refuses to work with one. */
function isThere(place: string): boolean {
  return place.includes('://') || existsSync(place);
}

function pipFiles(environment: Environment): string[] {
  const home = environment.HOME ?? '/nonexistent';
  const user = path.join(environment.XDG_CONFIG_HOME ?? path.join(home, '.config'), 'pip', 'pip.conf');
  const special = environment.PIP_CONFIG_FILE;
  return [
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
    path.join(home, '.pip', 'pip.conf'),
    user,
    ...(special ? [special] : []),
  ];
}

/** `[global]`, `[install]` and `[download]` of an ini file; an indented line continues the value above it. */
function readPipFile(file: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  const settings: Record<string, string> = {};
  let applies = false;
  let last = '';
  for (const line of text.split('\n')) {
    const section = /^\[(.+)\]/.exec(line)?.[1];
    const pair = /^([\w-]+)\s*[=:]\s*(.*)$/.exec(line);
    if (section !== undefined) applies = ['global', 'install', 'download'].includes(section);
    else if (applies && pair) {
      last = (pair[1] ?? '').replaceAll('_', '-');
      settings[last] = (pair[2] ?? '').trim();
    } else if (applies && last && /^\s+\S/.test(line)) settings[last] = `${settings[last]} ${line.trim()}`;
  }
  return settings;
}
