/** The report's charts as SVG text: drawn by Observable Plot on a document without a browser. Pure. */
import { areaY, barX, barY, dot, lineY, plot, ruleX, ruleY, text } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { ProgressPoint, ReportFacts, Verification } from './report-facts.js';
import type { SessionStory } from './session-story.js';

const WIDTH = 920;
const PASSING = '#2f9e62';
const OPEN = '#d8dde3';
const PHASES = { initializer: '#7b61c9', coding: '#2f6fb7', verification: '#e0a030' } as const;

type PlotOptions = NonNullable<Parameters<typeof plot>[0]>;

/** One chart with what it says in words, for those who cannot see it. */
function drawn(label: string, options: PlotOptions): string {
  const { document } = parseHTML('<!doctype html><body></body>');
  const figure = plot({ width: WIDTH, marginLeft: 90, ...options, document, ariaLabel: label });
  return figure.outerHTML;
}

/** Passing features as steps over the time, with the total above; '' before anything was verified. */
export function featuresChart({ progress, tally, verifications }: ReportFacts): string {
  if (progress.length < 2) return '';
  const end = verifications.at(-1)?.at ?? progress.at(-1)?.at;
  const last = progress.at(-1);
  const points: ProgressPoint[] =
    end !== undefined && last !== undefined && end > last.at ? [...progress, { ...last, at: end }] : [...progress];
  return drawn('Features passing over time', {
    height: 240,
    x: { type: 'utc', label: null },
    y: { label: 'features passing', domain: [0, Math.max(1, tally.featuresTotal)], grid: true },
    marks: [
      areaY(points, { x: 'at', y: 'passing', curve: 'step-after', fill: PASSING, fillOpacity: 0.2 }),
      lineY(points, { x: 'at', y: 'passing', curve: 'step-after', stroke: PASSING, strokeWidth: 2 }),
      dot(verifications, {
        x: 'at',
        y: 'features',
        fill: PASSING,
        title: ({ session, features, cases }: Verification) =>
          `session ${session} verified: ${features} features, ${cases} test cases pass`,
      }),
      ruleY([tally.featuresTotal], { strokeDasharray: '4 3', strokeOpacity: 0.6 }),
      text([{ at: points.at(-1)?.at, total: tally.featuresTotal }], {
        ...{ x: 'at', y: 'total', text: () => `${tally.featuresTotal} in all`, textAnchor: 'end', dy: -7 },
      }),
      ruleY([0]),
    ],
  });
}

interface Bar {
  readonly row: string;
  readonly kind: keyof typeof PHASES;
  readonly from: Date;
  readonly to: Date;
  readonly title: string;
}

/** A bar for each stretch of each session, and for the verification behind it. */
export function sessionsChart({ sessions, verifications }: ReportFacts): string {
  const bars = sessions.flatMap((story) => [...sessionBars(story), ...verificationBars(story, verifications)]);
  if (bars.length === 0) return '';
  return drawn('Sessions over time', {
    height: 60 + 22 * sessions.length,
    x: { type: 'utc', label: null, grid: true },
    y: { label: null, domain: sessions.map(rowOf) },
    color: { domain: Object.keys(PHASES), range: Object.values(PHASES) },
    marks: [
      barX(bars, {
        ...{ x1: 'from', x2: 'to', y: 'row', fill: 'kind', title: 'title', rx: 2, insetTop: 2, insetBottom: 2 },
      }),
    ],
  });
}

function rowOf({ session }: SessionStory): string {
  return `session ${session}`;
}

function sessionBars(story: SessionStory): Bar[] {
  const kind = story.phase === 'initializer' ? 'initializer' : 'coding';
  const title = `${rowOf(story)} (${story.phase}): ${story.turns} turns, ${story.toolCalls} tool calls`;
  return story.stretches.map(({ from, to }) => ({ row: rowOf(story), kind, from, to, title }));
}

/** From the end of the session's journal to the event that says what was measured. */
function verificationBars(story: SessionStory, verifications: readonly Verification[]): Bar[] {
  const from = story.stretches.at(-1)?.to;
  const found = verifications.find(({ session, at }) => session === story.session && from !== undefined && at > from);
  if (from === undefined || found === undefined) return [];
  const title = `verification: ${found.features} features, ${found.cases} test cases pass`;
  return [{ row: rowOf(story), kind: 'verification', from, to: found.at, title }];
}

/** Test cases of each resource by whether they pass, as verified last. */
export function casesChart({ entries }: ReportFacts): string {
  const resources = [...new Set(entries.map(({ feature }) => feature.resource))];
  const rows = resources.flatMap((resource) => {
    const own = entries.filter(({ feature }) => feature.resource === resource);
    const total = own.reduce((sum, { feature }) => sum + feature.test_cases.length, 0);
    const passed = own.reduce((sum, { evidence }) => sum + (evidence?.casesPassed ?? 0), 0);
    return [
      { resource, kind: 'pass', cases: passed, title: `${resource}: ${passed} of ${total} test cases pass` },
      { resource, kind: 'do not pass', cases: total - passed, title: `${resource}: ${total - passed} do not pass` },
    ];
  });
  if (rows.length === 0) return '';
  return drawn('Test cases by resource', {
    height: 60 + 24 * resources.length,
    x: { label: 'test cases', grid: true },
    y: { label: null, domain: resources },
    color: { domain: ['pass', 'do not pass'], range: [PASSING, OPEN] },
    marks: [
      barX(rows, { x: 'cases', y: 'resource', fill: 'kind', title: 'title', insetTop: 2, insetBottom: 2 }),
      ruleX([0]),
    ],
  });
}

/** Numbers that stand side by side below a chart. */
const MAX_TICKS = 30;

const TOKENS = {
  'read from cache': '#9db8d6',
  'written to cache': '#5f8fc4',
  'read new': '#2f6fb7',
  output: '#e0a030',
} as const;

/** Tokens of each session, stacked by kind. */
export function tokensChart({ sessions }: ReportFacts): string {
  const rows = sessions.flatMap(({ session, usage }) =>
    [
      ['read from cache', usage.cacheReadTokens],
      ['written to cache', usage.cacheWriteTokens],
      ['read new', usage.inputTokens],
      ['output', usage.outputTokens],
    ].map(([kind, tokens]) => ({ session, kind, tokens, title: `session ${session}: ${tokens} tokens ${kind}` })),
  );
  if (!rows.some(({ tokens }) => Number(tokens) > 0)) return '';
  const step = Math.ceil(sessions.length / MAX_TICKS);
  return drawn('Tokens by session', {
    height: 220,
    x: { label: 'session', tickFormat: (session: number) => (session % step === 0 ? String(session) : '') },
    y: { label: 'tokens', grid: true, tickFormat: '~s' },
    color: { domain: Object.keys(TOKENS), range: Object.values(TOKENS) },
    marks: [barY(rows, { x: 'session', y: 'tokens', fill: 'kind', title: 'title' }), ruleY([0])],
  });
}

/** What the colours of a chart mean. */
export const LEGENDS = {
  sessions: PHASES,
  cases: { pass: PASSING, 'do not pass': OPEN },
  tokens: TOKENS,
} as const;
