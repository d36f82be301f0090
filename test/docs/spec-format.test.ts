/** What docs/spec-format.md says compiles, compiles: every sentence of its table, in the sample's resources. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSpec } from '../../activities/scaffold/reader/spec-reader.js';
import { packageRoot } from '../../config/locations.js';

const page = readFileSync(path.join(packageRoot, 'docs', 'spec-format.md'), 'utf8');
const table = page.slice(page.indexOf('## Business rules'), page.indexOf('## Lists'));
const rows = [...table.matchAll(/^\| (?<family>[a-z_]+)[^|]*\| (?<sentence>[A-Z][^|]*\.) \|/gm)].map(
  ({ groups }) => [groups?.['family'] ?? '', groups?.['sentence'] ?? ''] as const,
);
/** The sample without its rules: a documented sentence must stand on its own. */
const bare = readFileSync(path.join(packageRoot, 'prompts', 'app_spec.txt'), 'utf8').replace(
  /#### Business Rules\n\n(?:[^#\n].*\n)+/g,
  '#### Business Rules\n\n',
);

/** True when some resource of the sample reads the sentence. */
function compiles(sentence: string): boolean {
  return [...bare.matchAll(/#### Business Rules\n\n/g)].some(({ index, 0: heading }) => {
    const at = index + heading.length;
    const reading = readSpec(`${bare.slice(0, at)}- ${sentence}\n${bare.slice(at)}`);
    const line = bare.slice(0, at).split('\n').length;
    return (
      reading.kind === 'read' && reading.model.statements.some((one) => one.line === line && one.class !== 'UNRESOLVED')
    );
  });
}

describe('the table of rules in docs/spec-format.md', () => {
  it('has a row for every family', () => {
    expect(rows.length).toBeGreaterThan(20);
  });

  it.each(rows)('%s: "%s" compiles', (_family, sentence) => {
    expect(compiles(sentence)).toBe(true);
  });
});
