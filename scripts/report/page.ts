/** The report as one HTML page that needs nothing else: no script, no address, every value escaped by the template. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Eta } from 'eta';
import { packageRoot } from '../../config/locations.js';
import { dollars } from '../../workflows/usage.js';
import { duration } from '../build-view.js';
import type { Redact } from '../redaction.js';
import { casesChart, featuresChart, LEGENDS, sessionsChart, tokensChart } from './charts.js';
import type { ReportFacts } from './report-facts.js';
import type { SessionStory } from './session-story.js';

export interface PageOptions {
  readonly redact: Redact;
  /** When it was made. */
  readonly now: Date;
}

const TEMPLATE = path.join(packageRoot, 'scripts', 'report', 'page.html.eta');

export function reportPage(facts: ReportFacts, options: PageOptions): string {
  const template = readFileSync(TEMPLATE, 'utf8');
  return new Eta({ autoEscape: true, autoTrim: false }).renderString(template, view(facts, options));
}

/** Every text is redacted here: the charts hold only numbers, ids and names of resources. */
function view(facts: ReportFacts, { redact, now }: PageOptions) {
  const denials = facts.sessions.flatMap((story) => story.denials);
  return {
    project: redact(facts.project),
    projectDir: facts.projectDir,
    headline: headline(facts),
    cards: cardsOf(facts, denials.length),
    charts: chartsOf(facts),
    sessions: facts.sessions.map(sessionRow),
    costNote: costNote(facts),
    left: facts.left.map((row) => ({ ...row, description: redact(row.description), why: redact(row.why) })),
    nothingLeft:
      facts.entries.length === 0
        ? 'There is no feature list yet: the initializer makes it.'
        : 'Nothing: every feature passes.',
    gates: facts.gates.map((gate) => ({ ...gate, detail: redact(gate.detail) })),
    denials: denials.map((row) => ({ ...row, command: redact(row.command), reason: redact(row.reason) })),
    features: facts.entries.map(({ feature, state, evidence, failures }) => ({
      id: feature.id,
      description: redact(feature.description),
      passing: state === 'passing',
      cases: `${evidence?.casesPassed ?? 0}/${feature.test_cases.length}`,
      list: feature.test_cases.map(({ name, request, expected_status }) => ({
        name: redact(name),
        request: `${request.method} ${request.path} → ${expected_status}`,
      })),
      failures: failures.map(redact),
    })),
    footer: `Nightshift, build ${facts.buildId}, ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC. What passes was measured by Nightshift itself, on a clean checkout of each session's commit.`,
  };
}

function headline({ tally, model }: ReportFacts): string {
  const { featuresPassing, featuresTotal, casesPassing, casesTotal } = tally;
  if (featuresTotal === 0) return `No feature list yet · model ${model}`;
  return `${featuresPassing} of ${featuresTotal} features pass, ${casesPassing} of ${casesTotal} test cases · model ${model}`;
}

function cardsOf({ tally, sessions }: ReportFacts, refused: number) {
  const turns = sessions.reduce((sum, story) => sum + story.turns, 0);
  const worked = sessions.reduce((sum, story) => sum + workedMs(story), 0);
  return [
    { value: `${tally.featuresPassing}/${tally.featuresTotal}`, label: 'features pass' },
    { value: `${tally.casesPassing}/${tally.casesTotal}`, label: 'test cases pass' },
    { value: String(sessions.length), label: `sessions, ${turns} turns` },
    { value: duration(worked), label: 'agent at work' },
    { value: String(refused), label: 'commands refused' },
  ];
}

function chartsOf(facts: ReportFacts) {
  const chart = (title: string, svg: string, legend: object, empty: string) => ({
    ...{ title, svg, empty },
    legend: Object.entries(legend),
  });
  return [
    chart('Features over time', featuresChart(facts), {}, 'Nothing was verified yet.'),
    chart('Sessions over time (UTC)', sessionsChart(facts), LEGENDS.sessions, 'No session has begun yet.'),
    chart('Test cases by resource', casesChart(facts), LEGENDS.cases, 'There is no feature list yet.'),
    chart('Tokens by session', tokensChart(facts), LEGENDS.tokens, 'No model was called yet.'),
  ];
}

function sessionRow(story: SessionStory) {
  const { usage } = story;
  return {
    session: story.session,
    phase: story.phase,
    began: story.stretches[0]?.from.toISOString().slice(0, 19).replace('T', ' ') ?? '',
    worked: duration(workedMs(story)),
    turns: story.turns,
    toolCalls: story.toolCalls,
    refused: story.denials.length,
    tokensIn: count(usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens),
    tokensOut: count(usage.outputTokens),
    cost: costOf(story),
    ended: story.ended ?? 'still open',
  };
}

function workedMs({ stretches }: SessionStory): number {
  return stretches.reduce((sum, { from, to }) => sum + to.getTime() - from.getTime(), 0);
}

/** As the journal holds it, priced on the day of each call. Never a guess: what has no price is said to have none. */
function costOf({ model, usage }: SessionStory): string {
  if (model === 'offline') return 'free';
  if (usage.unpricedTokens === 0) return dollars(usage.costUsd);
  return usage.costUsd === 0 ? '–' : `${dollars(usage.costUsd)} and more`;
}

function costNote({ sessions }: ReportFacts): string {
  if (sessions.every(({ model }) => model === 'offline'))
    return 'The offline model costs nothing; its tokens are counted as a provider would count them.';
  const total = sessions.reduce((sum, { usage }) => sum + usage.costUsd, 0);
  const unpriced = sessions.reduce((sum, { usage }) => sum + usage.unpricedTokens, 0);
  const known = `${dollars(total)} in all, by the prices of the day of each call (nightshift cost tells more).`;
  if (unpriced === 0) return known;
  const missing = `No price is known for ${count(unpriced)} tokens: they are counted, and no cost is stated for them.`;
  return total === 0 ? missing : `${known} ${missing}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
