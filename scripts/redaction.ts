/**
 * Takes secrets out of text that a person is about to see or hand on: the values this machine knows to be secret, and
 * whatever looks like a key. Errs on the side of taking out too much.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/config.js';
import { passwordFilePath } from './supervisor/run-file.js';

export type Redact = (text: string) => string;

const REDACTED = '[redacted]';

/** Variables whose names say that their value is nobody's business. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL/i;
/** Shorter values ("true", "test") would redact half of a page. */
const SECRET_LENGTH = 12;

/** Well-known shapes; each keeps what says which kind it was. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\bsk-[A-Za-z0-9_-]{16,}/g, REDACTED],
  [/\b(?:ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|npm|pypi)[_-][A-Za-z0-9_-]{16,}/g, REDACTED],
  [/\bAKIA[0-9A-Z]{16}\b/g, REDACTED],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g, REDACTED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s@/]+(@)/gi, `$1${REDACTED}$2`],
  [/(\b(?:api[_-]?key|jwt[_-]?secret|secret[_-]?key|password)\b["']?\s*[:=]\s*["']?)[^\s"',;]{12,}/gi, `$1${REDACTED}`],
];

/** For texts about one build; `folder` is the build's folder in the state directory. Reads, never writes. */
export function redactorOf(config: Config, folder: string): Redact {
  const named = Object.entries(config.environment).flatMap(([name, value]) =>
    SECRET_NAME.test(name) && value !== undefined ? [value.trim()] : [],
  );
  const kept = [textOf(passwordFilePath(config)), passwordIn(textOf(path.join(folder, 'database.json')))];
  return redactor([...named, ...kept]);
}

/** Takes out these values and every known shape. */
export function redactor(secrets: readonly string[]): Redact {
  const values = [...new Set(secrets.filter((secret) => secret.length >= SECRET_LENGTH))];
  values.sort((a, b) => b.length - a.length); // a secret that holds another one goes first
  return (text) => {
    const known = values.reduce((rest, value) => rest.replaceAll(value, REDACTED), text);
    return SHAPES.reduce((rest, [shape, instead]) => rest.replace(shape, instead), known);
  };
}

function passwordIn(json: string): string {
  return /"password"\s*:\s*"([^"]+)"/.exec(json)?.[1] ?? '';
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return ''; // no such secret here
  }
}
