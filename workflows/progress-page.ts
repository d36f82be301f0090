/** What the Web UI's page, the `progress` query and the search attributes say of a build. Pure text and numbers. */
import { CONTRACT_VERSION } from './contract.js';
import type { Progress } from './progress.js';
import { type BuildState, phaseOf, statusOf } from './state.js';
import { addUsage, spentText } from './usage.js';

export function progressOf(state: BuildState, projectDir: string): Progress {
  return {
    contractVersion: CONTRACT_VERSION,
    status: statusOf(state),
    projectName: state.prepared?.projectName ?? '',
    projectDir,
    model: state.settings.model,
    settings: state.settings,
    session: state.session,
    phase: state.prepared === null ? null : phaseOf(state),
    tally: state.tally,
    usage: addUsage(state.usage, state.sessionUsage),
    codingSessionsLeft: state.codingSessionsLeft,
    attention: state.attention,
    waitingUntil: state.waitingUntil,
    deadline: state.deadline,
    notes: state.notes.length,
    notesDelivered: state.notesDelivered,
    draining: state.draining,
    sandbox: state.prepared?.sandbox ?? '',
    gates: state.gates,
    events: state.events,
  };
}

/** Markdown for `setCurrentDetails`. `now` is the workflow's own clock, so that replay gives the same page. */
export function progressPage(progress: Progress, now: Date): string {
  const { tally, usage } = progress;
  const lines = [
    `## ${quoted(progress.projectName || 'Nightshift build')}: ${progress.status.replaceAll('_', ' ')}`,
    '',
    bar(tally.featuresPassing, tally.featuresTotal),
    '',
    '| | |',
    '|---|---|',
    `| Features passing | ${tally.featuresPassing} of ${tally.featuresTotal} |`,
    `| Test cases passing | ${tally.casesPassing} of ${tally.casesTotal} |`,
    `| Session | ${progress.session}${progress.phase ? ` (${progress.phase})` : ''} |`,
    `| Model | ${quoted(progress.model)}, ${usage.modelCalls} calls, ${usage.inputTokens} tokens in, ${usage.outputTokens} out |`,
    `| Spent | ${spentText(progress.model, usage, progress.settings)} |`,
    `| Project | \`${quoted(progress.projectDir)}\` |`,
    `| Sandbox | ${quoted(progress.sandbox || 'not yet started')} |`,
    ...attentionRows(progress),
    '',
    'Send the signal `pause`, `pauseAfterSession`, `resume` or `stop` from this page (or `nightshift pause`, …); the update `steer` takes `{"note": "…"}`.',
    '',
    ...progress.events.map((event) => `- ${quoted(event)}`),
    '',
    `as of ${now.toISOString().slice(11, 19)} UTC`,
  ];
  return lines.join('\n');
}

function attentionRows(progress: Progress): string[] {
  const rows: string[] = [];
  if (progress.notes > 0) rows.push(`| Notes | ${progress.notes}, read by the agent: ${progress.notesDelivered} |`);
  if (progress.draining) rows.push('| Pause | after this session |');
  if (progress.waitingUntil !== null) rows.push(`| Waiting until | ${progress.waitingUntil} |`);
  if (progress.attention !== null) {
    rows.push(
      `| **Needs attention** | ${quoted(progress.attention.problem)} |`,
      `| What to do | ${quoted(progress.attention.cure)} |`,
    );
  }
  return rows;
}

function bar(done: number, total: number): string {
  const cells = 30;
  const full = total === 0 ? 0 : Math.floor((done / total) * cells);
  return `\`${'█'.repeat(full)}${'░'.repeat(cells - full)}\``;
}

/** Spec and model text is data: it must not open a table cell, a tag or a link on the page. */
function quoted(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>[\]`]/g, (mark) => `\\${mark}`);
}
