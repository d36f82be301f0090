/**
 * The service that starts Nightshift's servers and worker after a reboot, so that builds under way go on: a systemd user
 * unit, or a launchd agent. Pure text; commands/service.ts puts it into place. Holds no secret: keys stand in a file of
 * the person's own.
 */
import path from 'node:path';
import type { Config } from '../config/config.js';
import { packageRoot } from '../config/locations.js';

export interface ServiceUnit {
  readonly file: string;
  readonly text: string;
  /** Commands that make the system take the file in, and take it out again. */
  readonly install: readonly (readonly [string, ...string[]])[];
  readonly remove: readonly (readonly [string, ...string[]])[];
  /** What a person should know besides. */
  readonly hints: readonly string[];
}

const LABEL = 'nightshift';

/** Null on a system that has neither systemd nor launchd. */
export function serviceUnit(platform: NodeJS.Platform, config: Config, node: string): ServiceUnit | null {
  const home = config.environment['HOME'] ?? '/root';
  if (platform === 'linux') return systemdUnit(config, node, home);
  return platform === 'darwin' ? launchdAgent(config, node, home) : null;
}

/** Variables that say where state lies and which programs are found. */
function kept({ environment }: Config): (readonly [string, string])[] {
  return ['PATH', 'NIGHTSHIFT_HOME', 'NIGHTSHIFT_CACHE', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'].flatMap((name) => {
    const value = environment[name];
    return value ? [[name, value] as const] : [];
  });
}

function systemdUnit(config: Config, node: string, home: string): ServiceUnit {
  const settings = config.environment['XDG_CONFIG_HOME'] || path.join(home, '.config');
  const secrets = path.join(settings, 'nightshift', 'environment');
  const entry = path.join(packageRoot, 'nightshift');
  const unit = `${LABEL}.service`;
  const text = [
    '[Unit]',
    'Description=Nightshift: servers and worker, so that builds go on after a reboot',
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    ...kept(config).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    `EnvironmentFile=-${secrets.replaceAll('%', '%%')}`,
    `ExecStart=${commandWord(node)} ${commandWord(entry)} up`,
    `ExecStop=${commandWord(node)} ${commandWord(entry)} down`,
    'TimeoutStartSec=300',
    'TimeoutStopSec=120',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
  return {
    file: path.join(settings, 'systemd', 'user', unit),
    text,
    install: [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'enable', unit],
    ],
    remove: [['systemctl', '--user', 'disable', unit]],
    hints: [
      'to start it without anybody logging in: loginctl enable-linger',
      `a key for live builds: ANTHROPIC_API_KEY=… in ${secrets} (chmod 600)`,
    ],
  };
}

function launchdAgent(config: Config, node: string, home: string): ServiceUnit {
  const file = path.join(home, 'Library', 'LaunchAgents', `dev.${LABEL}.plist`);
  const variables = kept(config).map(([name, value]) => `<key>${name}</key><string>${xmlText(value)}</string>`);
  const words = [node, path.join(packageRoot, 'nightshift'), 'up'].map((word) => `<string>${xmlText(word)}</string>`);
  const text = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0"><dict>',
    `<key>Label</key><string>dev.${LABEL}</string>`,
    '<key>RunAtLoad</key><true/>',
    '<key>AbandonProcessGroup</key><true/>',
    `<key>EnvironmentVariables</key><dict>${variables.join('')}</dict>`,
    `<key>ProgramArguments</key><array>${words.join('')}</array>`,
    '</dict></plist>',
    '',
  ].join('\n');
  return {
    file,
    text,
    install: [['launchctl', 'load', '-w', file]],
    remove: [['launchctl', 'unload', '-w', file]],
    hints: ['launchd starts it when you log in'],
  };
}

/** A word of a command line: there a dollar begins a variable. */
const commandWord = (text: string): string => quoted(text).replaceAll('$', '$$$$');

/** In double quotes, with what systemd would read as its own taken literally. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
