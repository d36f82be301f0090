/** `cost`: what a build has spent, by session, turn or feature, read from its journals; needs no server and no worker. */
import { readJournal } from '../../activities/agent/journal.js';
import { journalSessions } from '../../activities/agent/journal-file.js';
import { READ_ON } from '../../activities/agent/price-table.js';
import { startOf } from '../../activities/agent/session-state.js';
import { costByTopic, type TurnSpending, totalOf, turnSpending } from '../../activities/agent/spending.js';
import { type Ceilings, dollars, spentText, type Usage } from '../../workflows/usage.js';
import { buildFolder, chosenBuild, type KnownBuild } from '../build-folder.js';
import { buildHandle } from '../build-handle.js';
import type { CommandContext } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import type { TargetOptions } from './control.js';

export interface CostOptions extends TargetOptions {
  readonly json?: boolean;
  /** Every turn as well. */
  readonly turns?: boolean;
}

interface SessionSpending {
  readonly session: number;
  readonly phase: string;
  readonly model: string;
  readonly turns: readonly TurnSpending[];
}

export async function cost(options: CostOptions, context: CommandContext): Promise<number> {
  const build = await chosenBuild(context.config, options.projectDir);
  const sessions = await spendingOf(buildFolder(context.config, build.buildId));
  const total = totalOf(sessions.flatMap(({ turns }) => turns));
  const ceilings = await ceilingsOf(build, context);
  const byFeature = costByTopic(sessions.flatMap(({ turns }) => turns));
  const features = [...byFeature].sort(([, a], [, b]) => b - a);
  if (options.json === true) {
    const listed = sessions.map((one) => ({ ...one, usage: totalOf(one.turns) }));
    context.terminal.line(
      JSON.stringify({ ceilings, total, sessions: listed, features: Object.fromEntries(features) }, null, 2),
    );
    return EXIT.ok;
  }
  const model = sessions.at(-1)?.model ?? 'offline';
  for (const line of sessions.flatMap((one) => sessionLines(one, options.turns === true))) context.terminal.line(line);
  for (const [feature, usd] of features) if (usd > 0) context.terminal.line(`feature ${feature}: ${dollars(usd)}`);
  context.terminal.line(`build: ${spentText(model, total, ceilings)}; ${usageText(total)}`);
  if (model !== 'offline')
    context.terminal.line(`prices: the table read on ${READ_ON}, or prices.json (docs/limits.md)`);
  return EXIT.ok;
}

async function spendingOf(folder: string): Promise<readonly SessionSpending[]> {
  const sessions: SessionSpending[] = [];
  for (const session of await journalSessions(folder)) {
    const entries = await readJournal(folder, session);
    const start = startOf(entries);
    if (start !== null)
      sessions.push({ session, phase: start.phase, model: start.model, turns: turnSpending(entries) });
  }
  return sessions;
}

/** As the running build has them now; else as it was started with. */
async function ceilingsOf(build: KnownBuild, context: CommandContext): Promise<Ceilings> {
  const client = await context.connectIfRunning();
  const progress =
    client === null
      ? null
      : await buildHandle(client, build.workflowId)
          .progress()
          .catch(() => null);
  const { maxCostUsd = null, maxTokens = null } = progress?.settings ?? build.settings ?? {};
  return { maxCostUsd, maxTokens };
}

function sessionLines({ session, phase, model, turns }: SessionSpending, withTurns: boolean): string[] {
  const usage = totalOf(turns);
  const none = { maxCostUsd: null, maxTokens: null };
  const head = `session ${session} (${phase}): ${spentText(model, usage, none)}; ${usageText(usage)}`;
  if (!withTurns) return [head];
  return [
    head,
    ...turns.map(
      (one) => `  turn ${one.turn}: ${spentText(model, one.usage, none)}; ${usageText(one.usage)}${forWhat(one)}`,
    ),
  ];
}

const forWhat = ({ topics }: TurnSpending): string => (topics.length === 0 ? '' : `; for ${topics.join(', ')}`);

function usageText(usage: Usage): string {
  const cached = `${usage.cacheReadTokens} from the cache, ${usage.cacheWriteTokens} into it`;
  const thought = usage.thinkingTokens > 0 ? ` (${usage.thinkingTokens} thinking)` : '';
  return `${usage.modelCalls} calls, tokens in ${usage.inputTokens} (${cached}), out ${usage.outputTokens}${thought}`;
}
