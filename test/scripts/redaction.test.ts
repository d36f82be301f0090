import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/config.js';
import { redactor, redactorOf } from '../../scripts/redaction.js';

const redact = redactor(['correct-horse-battery', 'correct-horse-battery-staple']);

describe('redaction', () => {
  it.each([
    ['a key of the provider', `x-api-key: sk-ant-${'a1'.repeat(20)}`, /^x-api-key: \[redacted\]$/],
    ['a token of a forge', `push with ghp_${'a'.repeat(36)} now`, /^push with \[redacted\] now$/],
    ['an access key id', 'AKIAABCDEFGHIJKLMNOP', /^\[redacted\]$/],
    ['a JWT', `Bearer eyJ${'hbGciOi'.repeat(3)}.eyJ${'zdWIiOi'.repeat(3)}.abcdefghijk`, /^Bearer \[redacted\]$/],
    [
      'the password of a URL',
      'postgresql+asyncpg://app:s3cr3t@db/notes',
      /^postgresql\+asyncpg:\/\/app:\[redacted\]@db/,
    ],
    ['an assigned secret', 'JWT_SECRET=abcdefghijklmnop', /^JWT_SECRET=\[redacted\]$/],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', /^\[redacted\]$/],
    ['a known value inside a longer known value', 'it is correct-horse-battery-staple.', /^it is \[redacted\]\.$/],
  ])('takes out %s', (_what, text, wanted) => {
    expect(redact(text)).toMatch(wanted);
  });

  it.each(['curl http://127.0.0.1:8000/docs', 'password: string', 'git commit -m "Add the tokens table"', 'sk-learn'])(
    'leaves alone %s',
    (text) => {
      expect(redact(text)).toBe(text);
    },
  );

  it("knows the environment's secrets, the server's password and the build's own", () => {
    const home = mkdtempSync(path.join(tmpdir(), 'redaction-'));
    writeFileSync(path.join(home, 'database.json'), '{"version":1,"password":"0123456789abcdef0123"}');
    const environment = { NIGHTSHIFT_HOME: home, MY_SERVICE_TOKEN: 'opaque-value-1234', PATH: '/usr/bin:/bin:/opt' };
    const known = redactorOf(loadConfig(environment), home);
    rmSync(home, { recursive: true });
    expect(known('0123456789abcdef0123 opaque-value-1234 /usr/bin:/bin:/opt')).toBe(
      '[redacted] [redacted] /usr/bin:/bin:/opt',
    );
  });
});
