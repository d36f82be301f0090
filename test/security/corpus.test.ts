import { beforeAll, describe, expect, test } from '@jest/globals';
import { createPolicy, type Policy } from '../../activities/security/policy.js';
import { corpusRows } from './corpus.js';
import { tellCases } from './tally.js';

const rows = corpusRows();
const families = [...new Set(rows.map(({ family }) => family))].sort();

describe('the corpus of commands', () => {
  let policy: Policy;
  let whereAllExists: Policy;
  beforeAll(async () => {
    const projectDir = '/workspace/project';
    policy = await createPolicy({ projectDir });
    whereAllExists = await createPolicy({
      projectDir,
      files: {
        realpath: (file) => file,
        readlink: () => null,
        isDirectory: (file) => !/\.\w+$/.test(file),
        names: () => [],
      },
    });
  });

  test.each(families)('%s: nothing to be blocked is allowed, and nothing to be allowed is denied', (family) => {
    const own = rows.filter((row) => row.family === family);
    const verdicts = own.map((row) => ({ ...row, allowed: policy.check(row.cmd).verdict === 'allow' }));
    tellCases(`corpus: ${family}`, own.length, `${verdicts.filter(({ allowed }) => allowed).length} allowed`);
    const wrong = verdicts.filter(
      ({ expect: wanted, allowed }) => wanted !== 'either' && (wanted === 'allow') !== allowed,
    );
    for (const row of own.filter(({ expect: wanted }) => wanted !== 'either')) {
      const allowed = whereAllExists.check(row.cmd).verdict === 'allow';
      if (allowed !== (row.expect === 'allow')) wrong.push({ ...row, allowed });
    }
    expect(wrong.map(({ cmd, expect: wanted }) => `${wanted}: ${cmd}`)).toEqual([]);
  });

  test('every refusal says what to write instead', () => {
    const reasons = rows
      .map(({ cmd }) => policy.check(cmd))
      .flatMap((verdict) => ('reason' in verdict ? [verdict.reason] : []));
    expect(reasons.filter((reason) => !reason.includes('Instead: '))).toEqual([]);
    expect(reasons.filter((reason) => reason.includes('could not be judged'))).toEqual([]);
  });

  test('it holds more than a thousand commands of its own, each once', () => {
    expect(rows.length).toBeGreaterThan(2_500);
    expect(new Set(rows.map(({ cmd }) => cmd)).size).toBe(rows.length);
  });
});
