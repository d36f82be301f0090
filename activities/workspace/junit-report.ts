/**
 * Reads pytest's JUnit report (family xunit1): pure text to results. Fits what ElementTree writes, where no text and
 * no attribute holds a bare `<` or quote; it is no XML parser. Text in the report comes from the project and is data.
 */

export type TestVerdict = 'passed' | 'failed' | 'error' | 'skipped' | 'xfailed';

export interface TestOutcome {
  /** `tests/api/v1/test_tags.py::TestCreate::test_name_is_unique[red]`. */
  readonly node: string;
  readonly verdict: TestVerdict;
  /** What pytest says first, then the end of its trace; empty for a test that passed. */
  readonly message: string;
}

const ATTRIBUTES = '((?:\\s+[\\w:.-]+="[^"]*")*)\\s*';
const TEST = new RegExp(`<testcase${ATTRIBUTES}(?:/>|>([\\s\\S]*?)</testcase>)`, 'g');
const TROUBLE = new RegExp(`<(failure|error|skipped)${ATTRIBUTES}(?:/>|>([\\s\\S]*?)</\\1>)`, 'g');
const ATTRIBUTE = /([\w:.-]+)="([^"]*)"/g;
const WHOLE_REPORT = /<testsuites?[\s>][\s\S]*<\/testsuites?>\s*$/;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const TRACE_CHARACTERS = 700;

/** Outcomes in the report's order, one for each test; null when the text is no report or was cut. */
export function parseJunitReport(text: string): readonly TestOutcome[] | null {
  if (!WHOLE_REPORT.test(text)) return null;
  const outcomes = new Map<string, TestOutcome>();
  for (const [, attributes = '', content = ''] of text.matchAll(TEST)) {
    const node = nodeOf(attributesOf(attributes));
    // A test whose teardown breaks is reported twice; the first trouble counts.
    const before = outcomes.get(node);
    if (before === undefined || before.verdict === 'passed') outcomes.set(node, outcomeOf(node, content));
  }
  return [...outcomes.values()];
}

function outcomeOf(node: string, content: string): TestOutcome {
  const troubles = [...content.matchAll(TROUBLE)].map(([, tag = '', attributes = '', trace = '']) => {
    const named = attributesOf(attributes);
    const message = [named.get('message') ?? '', unescaped(trace).slice(-TRACE_CHARACTERS)].join('\n').trim();
    return { node, verdict: verdictOf(tag, named.get('type')), message };
  });
  return troubles[0] ?? { node, verdict: 'passed', message: '' };
}

function verdictOf(tag: string, type: string | undefined): TestVerdict {
  if (tag === 'failure') return 'failed';
  if (tag === 'error') return 'error';
  return type === 'pytest.xfail' ? 'xfailed' : 'skipped';
}

/** The file comes as such, the class at the end of `classname`: `tests.api.test_tags.TestCreate`. */
function nodeOf(attributes: ReadonlyMap<string, string>): string {
  const file = attributes.get('file') ?? '';
  const classname = attributes.get('classname') ?? '';
  const name = attributes.get('name') ?? '';
  if (file === '') return [classname, name].filter((part) => part !== '').join('::');
  const module = file.replace(/\.py$/, '').replaceAll('/', '.');
  const classes = classname.startsWith(`${module}.`) ? classname.slice(module.length + 1).split('.') : [];
  return [file, ...classes, name].join('::');
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [key, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
