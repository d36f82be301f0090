/** Holds the prompts against what they talk about: tools, programs, the feature format, the checks. */
import { describe, expect, test } from '@jest/globals';
import { feature, featureCategory, matcherKeys, testCase } from '../../activities/features/feature.js';
import { lintCase, lintFeatures } from '../../activities/features/lint.js';
import { matcherTypes } from '../../activities/features/matcher.js';
import { UnknownPlaceholder } from '../../activities/features/values.js';
import { toolbox } from '../../activities/tools/toolbox.js';
import { renderPrompts } from '../../prompts/render.js';
import { DEFAULT_SETTINGS, EMPTY_TALLY, type Phase } from '../../workflows/contract.js';

const system = (phase: Phase): string =>
  renderPrompts({
    ...DEFAULT_SETTINGS,
    phase,
    projectName: 'Task API',
    spec: '# Task API',
    session: 1,
    tally: EMPTY_TALLY,
  }).system;

const initializer = system('initializer');
const prompts: [Phase, string][] = [
  ['initializer', initializer],
  ['coding', system('coding')],
];

const never = (): Promise<never> => Promise.reject(new Error('no tool is run here'));
const toolNames = (phase: Phase): string[] =>
  toolbox(phase, {
    projectDir: '/project',
    policy: { check: never },
    sandbox: { current: never, renew: never, close: never },
    onDenied: () => undefined,
    features: { next: never, show: never, propose: never, finish: never },
    checks: { check: never },
    scaffold: { plan: never, project: never, resource: never },
    questions: { ask: never },
  }).map((tool) => tool.name);
describe.each(prompts)('the %s prompt', (phase, text) => {
  test('names every tool', () => {
    for (const tool of toolNames(phase)) expect(text).toContain(`- \`${tool}\``);
  });

  test('says who measures, what is data, how to hand over, and where the databases come from', () => {
    for (const words of [
      'DATABASE_URL',
      'TEST_DATABASE_URL',
      'AUTH_MODE',
      'hand over',
      'interrupted',
      'field_errors',
    ]) {
      expect(text).toContain(words);
    }
    expect(text).toMatch(/Nightshift\s+alone/);
    expect(text).toMatch(/Never\s+create, drop or rename a database/);
  });

  test('stays small enough to be read at the start of every session', () => {
    expect(text.length).toBeLessThan(24_000);
  });
});

const examples = (kind: string): unknown[] =>
  [...initializer.matchAll(new RegExp(`\`\`\`json ${kind}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, json]) =>
    JSON.parse(json ?? ''),
  );

describe('the feature format in the initializer prompt', () => {
  test('explains every key of a feature and of a case', () => {
    const keys = [
      ...Object.keys(feature.shape),
      ...Object.keys(testCase.shape),
      'raw_body',
      'query',
      'headers',
      'json',
      'capture',
    ];
    for (const key of keys) expect(initializer).toContain(`\`${key}\``);
  });

  test('names every category, matcher and type', () => {
    for (const category of featureCategory.options) expect(initializer).toContain(`\`${category}\``);
    for (const matcher of matcherKeys) expect(initializer).toContain(`"${matcher}"`);
    for (const type of matcherTypes) expect(initializer).toContain(`\`${type}\``);
  });

  test('names every fresh value that the checks can make', () => {
    const [, names = ''] = /generators: (.*)$/.exec(new UnknownPlaceholder('x').message) ?? [];
    expect(names.split(', ').length).toBeGreaterThan(5);
    for (const name of names.split(', ')) expect(initializer).toMatch(new RegExp(`\\{\\{${name}[:}]`));
  });

  test('shows an example feature that is accepted once passes is added', () => {
    const [example] = examples('feature');
    const parsed = feature.parse({ passes: false, ...(example as object) });
    expect(lintFeatures([parsed])).toEqual([]);
  });

  test('shows two worked cases that are accepted', () => {
    const cases = examples('case').map((example) => testCase.parse(example));
    expect(cases).toHaveLength(2);
    expect(cases.flatMap(lintCase)).toEqual([]);
  });
});

describe('the coding prompt', () => {
  test('shows a failed check as it is rendered, and forbids the ways to cheat', () => {
    const [, coding = ''] = prompts[1] ?? [];
    for (const words of [
      '  request:  POST',
      '  expected: status 400',
      '  actual:   status 201',
      'skip',
      'xfail',
      'ask_human',
    ]) {
      expect(coding).toContain(words);
    }
  });
});
