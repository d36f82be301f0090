/**
 * `run/supervisor.json`: what runs for this user and state directory. Written by the supervisor alone, read by every
 * command; holds no secret (the PostgreSQL password lies beside it, 0600).
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config/config.js';
import { isAlive, type PidRecord } from '../host-process.js';
import { adminUrl } from '../postgres-server.js';

export type ChildName = string;

/** `waiting`: for a part it needs; `crash_loop`: died too often, tried again once a minute. */
export type ChildState = 'waiting' | 'starting' | 'running' | 'restarting' | 'crash_loop' | 'stopped';

export interface ChildRecord {
  readonly name: ChildName;
  readonly state: ChildState;
  readonly process: PidRecord | null;
  readonly ports: Readonly<Record<string, number>>;
  /** What it was started with, hashed: another value means that it must be replaced. */
  readonly identity: string;
  /** Starts after the first one. */
  readonly restarts: number;
  readonly lastError: string | null;
  readonly logFile: string;
}

export interface RunFile {
  readonly version: 1;
  readonly supervisor: PidRecord;
  /** The checkout that the supervisor was started from. */
  readonly packageRoot: string;
  /** Hash of the compiled code and the files it reads. */
  readonly codeVersion: string;
  readonly lockHash: string;
  /** Keyed hash of the provider's variables; null when none is set. */
  readonly providerHash: string | null;
  /** Hash of the servers that the environment names. */
  readonly serversHash: string;
  /** `host:port` of a server of the person's own, null when the dev server is ours. */
  readonly externalTemporal: string | null;
  readonly python: string | null;
  readonly uv: string | null;
  readonly bubblewrap: string | null;
  readonly children: readonly ChildRecord[];
}

/** What clients and workers need to know, from the run file. */
export interface Runtime {
  readonly supervisorAlive: boolean;
  /** `host:port` of Temporal, the dev server's or the person's own; null before it has a port. */
  readonly temporalAddress: string | null;
  /** `http://127.0.0.1:port` of the dev server's Web UI; null with a server of one's own. */
  readonly webUiAddress: string | null;
  /** Where the PostgreSQL for checks listens; `adminUrl` is a secret. */
  readonly postgres: { readonly host: string; readonly port: number; readonly adminUrl: string } | null;
  readonly offlineModelUrl: string | null;
  readonly python: string | null;
  readonly uv: string | null;
  readonly bubblewrap: string | null;
  readonly codeVersion: string;
  readonly children: readonly ChildRecord[];
}

export function runFilePath(config: Config): string {
  return path.join(config.locations.run, 'supervisor.json');
}

export function logDirectory(config: Config): string {
  return path.join(config.locations.run, 'logs');
}

/** Makes the state directory's `run/` and `run/logs/`, readable by this user only. */
export function makeRunDirectories(config: Config): void {
  mkdirSync(config.locations.state, { recursive: true, mode: 0o700 });
  mkdirSync(logDirectory(config), { recursive: true, mode: 0o700 });
}

/** Null when nothing was ever started, or another version of Nightshift wrote it. */
export function readRunFile(config: Config): RunFile | null {
  const file = runFilePath(config);
  if (!existsSync(file)) return null;
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as RunFile;
    return parsed.version === 1 ? parsed : null;
  } catch {
    return null;
  }
}

export function writeRunFile(config: Config, content: RunFile): void {
  const file = runFilePath(config);
  writeFileSync(`${file}.tmp`, `${JSON.stringify(content, null, 1)}\n`, { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}

/** Null when no supervisor ever ran for this state directory. Reads files only: answers even when all is dead. */
export function readRuntime(config: Config): Runtime | null {
  const file = readRunFile(config);
  if (!file) return null;
  const port = (name: string, which: string): number | undefined =>
    file.children.find((child) => child.name === name)?.ports[which];
  const grpc = port('temporal', 'grpc');
  const ui = port('temporal', 'ui');
  const model = port('offline-model', 'http');
  return {
    supervisorAlive: isAlive(file.supervisor),
    temporalAddress: file.externalTemporal ?? (grpc === undefined ? null : `127.0.0.1:${grpc}`),
    webUiAddress: ui === undefined ? null : `http://127.0.0.1:${ui}`,
    postgres: postgresOf(config, port('postgres', 'sql')),
    offlineModelUrl: model === undefined ? null : `http://127.0.0.1:${model}`,
    python: file.python,
    uv: file.uv,
    bubblewrap: file.bubblewrap,
    codeVersion: file.codeVersion,
    children: file.children,
  };
}

function postgresOf(config: Config, port: number | undefined): Runtime['postgres'] {
  const url = config.databaseUrl ?? (port === undefined ? null : adminUrl(passwordFilePath(config), port));
  if (url === null) return null;
  const { hostname, port: urlPort } = new URL(url);
  return { host: hostname || '127.0.0.1', port: Number(urlPort || 5432), adminUrl: url };
}

export function passwordFilePath(config: Config): string {
  return path.join(config.locations.run, 'postgres-password');
}
