/** How a build looks in a terminal: pure text from progress, heartbeat and events. Knows no streams and no clock. */
import type { StampedEvent } from '../activities/event-log.js';
import type { Heartbeat, Progress } from '../workflows/progress.js';
import { spentText } from '../workflows/usage.js';

/** Open cases shown after a verification; the ledger holds all of them. */
const OPEN_SHOWN = 3;

export interface BlockOptions {
  readonly elapsedMs: number;
  /** Width of the terminal. */
  readonly columns: number;
  /** What Ctrl+C does. */
  readonly hint: string;
}

/** The sticky block under the scrolling lines. */
export function statusBlock(
  progress: Progress | null,
  heartbeat: Heartbeat | null,
  { elapsedMs, columns, hint }: BlockOptions,
): string {
  const lines = progress === null ? ['  waiting for a worker to answer …'] : blockLines(progress, heartbeat);
  return ['', ...lines, `  elapsed ${duration(elapsedMs)} · ${hint}`]
    .map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line))
    .join('\n');
}

function blockLines(progress: Progress, heartbeat: Heartbeat | null): string[] {
  const { tally, usage } = progress;
  const cells = 28;
  const full = tally.featuresTotal === 0 ? 0 : Math.floor((tally.featuresPassing / tally.featuresTotal) * cells);
  const tokensIn = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  return [
    `  session ${progress.session}${progress.phase ? ` (${progress.phase})` : ''} · ${progress.status.replaceAll('_', ' ')}${liveText(heartbeat)}`,
    `  ${'█'.repeat(full)}${'░'.repeat(cells - full)} ${tallyLine(progress)}`,
    `  ${progress.model} · ${usage.modelCalls} model calls · ${count(tokensIn)} tokens in · ${count(usage.outputTokens)} out · ${spentText(progress.model, usage, progress.settings)}`,
  ];
}

/** Turn, last tool and cases of a check that runs; a verification has no turns. */
function liveText(heartbeat: Heartbeat | null): string {
  if (heartbeat === null) return '';
  const { turn, lastTool, activity, casesPassing, casesTotal } = heartbeat;
  const checked = activity !== 'session' && casesTotal > 0 ? `${casesPassing}/${casesTotal} passed` : '';
  return ['', turn > 0 ? `turn ${turn}` : '', lastTool, checked]
    .filter((part, index) => index === 0 || part !== '')
    .join(' · ');
}

export function tallyLine(progress: Progress): string {
  const { featuresPassing, featuresTotal, casesPassing, casesTotal } = progress.tally;
  if (featuresTotal === 0) return 'no feature list yet';
  return `${featuresPassing}/${featuresTotal} features · ${casesPassing}/${casesTotal} test cases`;
}

/** One line (or a few) for the scroll; empty for events that nobody needs to read. */
export function eventLines(event: StampedEvent): string[] {
  switch (event.kind) {
    case 'session':
      return [`── session ${event.session} (${event.phase})${event.resumed ? ', continued' : ''}`];
    case 'text':
      return event.text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(0, 4)
        .map(oneLine);
    case 'tool':
      return [
        `[Tool: ${event.name}] ${oneLine(event.summary)} ${event.isError ? 'failed ' : ''}${seconds(event.durationMs)}`,
      ];
    case 'denied':
      return [`[Denied] ${oneLine(event.command)}: ${oneLine(event.reason)}`];
    case 'note':
      return [oneLine(event.text)];
    case 'verified':
      return [`[Verified] ${event.line}`, ...openLines(event.failures)];
    case 'gate':
      return [`[Gate] ${event.passed ? '✓' : '✗'} ${event.name}: ${oneLine(event.detail)}`];
  }
}

/** The first few cases that do not pass: most of them belong to resources that no session has built yet. */
function openLines(failures: readonly string[]): string[] {
  const shown = failures
    .slice(0, OPEN_SHOWN)
    .map((failure) => `  open: ${oneLine(failure.replace(/; answered .*$/s, ''))}`);
  const rest = failures.length - shown.length;
  return rest > 0 ? [...shown, `  … ${rest} more like these`] : shown;
}

/** The last words of a build that ended or parked. `self` is how to call Nightshift in this shell. */
export function closing(progress: Progress, self: string, shellDir: string): string[] {
  const head = progress.tally.featuresTotal === 0 ? tallyLine(progress) : `${tallyLine(progress)} pass`;
  const gates = progress.gates.map((gate) => `  ${gate.passed ? '✓' : '✗'} ${gate.name}: ${gate.detail}`);
  const place = [
    `Spent: ${spentText(progress.model, progress.usage, progress.settings)}`,
    `Project: ${progress.projectDir}`,
  ];
  switch (progress.status) {
    case 'done':
      return [`Done: ${head}.`, ...gates, ...place, `See it: ${self} serve ${shellDir}`];
    case 'incomplete':
      return [`Ended with features left: ${head}.`, ...gates, ...place, ...leftOver(progress, self, shellDir)];
    case 'stopped':
      return [`Stopped: ${head}.`, ...place, `Go on: ${self} build --project-dir ${shellDir}`];
    case 'paused':
      return [`paused; nothing lost; resume: ${self} build --project-dir ${shellDir}`];
    case 'needs_attention':
      return [
        `Needs attention: ${progress.attention?.problem ?? 'unknown'}`,
        `What to do: ${progress.attention?.cure ?? 'see the log'}`,
        `Then: ${self} resume --project-dir ${shellDir}`,
      ];
    default:
      return [head];
  }
}

function leftOver(progress: Progress, self: string, shellDir: string): string[] {
  const { needsModel } = progress.tally;
  if (needsModel === 0) return [`Go on: ${self} build --project-dir ${shellDir}`];
  return [
    `${needsModel} statement${needsModel === 1 ? '' : 's'} of the spec need a model (listed in feature_list.json, state needs_model).`,
    `Go on with Claude: ANTHROPIC_API_KEY=… ${self} build --model claude-sonnet-5-5 --project-dir ${shellDir}`,
  ];
}

export function duration(ms: number): string {
  const total = Math.floor(ms / 1_000);
  const [h, m, s] = [Math.floor(total / 3_600), Math.floor((total % 3_600) / 60), total % 60];
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${s} s` : `${s} s`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function count(tokens: number): string {
  return tokens < 10_000
    ? String(tokens)
    : tokens < 1_000_000
      ? `${Math.round(tokens / 1_000)}k`
      : `${(tokens / 1_000_000).toFixed(1)}M`;
}

/** Model and tool text is data: control characters must not reach the terminal. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are exactly what must go
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return clean.length > 160 ? `${clean.slice(0, 159)}…` : clean;
}
