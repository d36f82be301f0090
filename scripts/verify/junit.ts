/** A measurement as JUnit XML, for the reports of a CI. Pure; every text in it comes from a project and is escaped. */
import type { Measurement } from './measurement.js';

export function junitReport({ ledger, report, gates }: Measurement): string {
  const cases = new Map(report.features.map(({ id, cases: results }) => [id, results]));
  const features = ledger.entries.flatMap(({ feature, state, failures }) => {
    const results = (cases.get(feature.id) ?? []).map(({ name, durationMs, passed, failure }) =>
      testcase(
        feature.id,
        name,
        durationMs,
        passed ? null : `${failure?.expected ?? ''}; got ${failure?.actual ?? ''}`,
      ),
    );
    return [...results, testcase(feature.id, 'passes', 0, state === 'passing' ? null : (failures[0] ?? state))];
  });
  const checks = gates.map(({ name, passed, detail }) => testcase('gates', name, 0, passed ? null : detail));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suite('features', features)}${suite('gates', checks)}</testsuites>\n`;
}

interface Line {
  readonly text: string;
  readonly failed: boolean;
}

function testcase(classname: string, name: string, ms: number, failure: string | null): Line {
  const head = `  <testcase classname="${escaped(classname)}" name="${escaped(name)}" time="${(ms / 1000).toFixed(3)}"`;
  if (failure === null) return { text: `${head}/>\n`, failed: false };
  return { text: `${head}><failure message="${escaped(failure.slice(0, 500))}"/></testcase>\n`, failed: true };
}

function suite(name: string, lines: readonly Line[]): string {
  const failed = lines.filter((line) => line.failed).length;
  const body = lines.map(({ text }) => text).join('');
  return ` <testsuite name="${name}" tests="${lines.length}" failures="${failed}">\n${body} </testsuite>\n`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\p{Cc}]+/gu, ' ');
}
