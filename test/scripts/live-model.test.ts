import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/config.js';
import { packageRoot } from '../../config/locations.js';
import type { CommandContext } from '../../scripts/command-context.js';
import { chooseModel, DEFAULT_LIVE_MODEL, ENDING_MODELS, modelProblem } from '../../scripts/live-model.js';

const SDK = path.join(packageRoot, 'node_modules', '@anthropic-ai', 'sdk', 'resources', 'messages');

describe('the models that Nightshift names', () => {
  it('start with the newest Sonnet that the pinned SDK knows', () => {
    const declared =
      /export type Model = ([^;]+);/.exec(readFileSync(path.join(SDK, 'messages.d.ts'), 'utf8'))?.[1] ?? '';
    const sonnets = [...declared.matchAll(/'(claude-sonnet-[\d-]+)'/g)].map(([, id]) => id ?? '');
    const version = (id: string) =>
      id
        .replace('claude-sonnet-', '')
        .split('-')
        .filter((part) => part.length < 8);
    sonnets.sort((a, b) => version(b).join('.').localeCompare(version(a).join('.'), 'en', { numeric: true }));
    expect(DEFAULT_LIVE_MODEL).toBe(sonnets[0]);
  });

  it('warn of exactly those that the SDK calls deprecated, with its dates', () => {
    const table =
      /const DEPRECATED_MODELS = \{([^}]+)\}/.exec(readFileSync(path.join(SDK, 'messages.js'), 'utf8'))?.[1] ?? '';
    const told = [...table.matchAll(/'([^']+)': '([A-Z]\w+ \d+)\w*, (\d{4})'/g)].map(([, id, day, year]) => {
      const date = new Date(`${day} ${year} UTC`).toISOString().slice(0, 10);
      return [id, date];
    });
    expect(Object.fromEntries(told)).toEqual(ENDING_MODELS);
  });
});

describe('a model that is named', () => {
  const key = { hasKey: true, ownServer: false };
  it.each([
    ['claude-sonnet-5-5', undefined],
    ['claude-opus-9-1', undefined],
    ['claude-sonnet-4-5-20250929', undefined],
    ['offline', undefined],
    ['claude-sonet-5-5', 'did you mean claude-sonnet-5-5?'],
    ['claude-opus5', undefined],
    ['gpt-9', 'is no Claude model'],
    ['rm -rf /', 'not a model id'],
  ])('%s: %s', (model, problem) => {
    if (problem === undefined) expect(modelProblem(model, key)).toBeUndefined();
    else expect(modelProblem(model, key)).toContain(problem);
  });

  it('is refused without a key, the free way named', () => {
    expect(modelProblem('claude-sonnet-5-5', { hasKey: false, ownServer: false })).toContain('--model offline');
  });

  it("may have any name on a server of one's own", () => {
    expect(modelProblem('qwen-coder', { hasKey: true, ownServer: true })).toBeUndefined();
  });
});

describe('without --model', () => {
  const KEY = { ANTHROPIC_API_KEY: 'sk-test' };

  /** The command's context where a person answers so; null = Ctrl+C, undefined = no terminal. */
  function person(answer: string | null | undefined, environment: Record<string, string>) {
    const said: string[] = [];
    const say = (line: string): void => {
      said.push(line);
    };
    const ask = async (question: string): Promise<string | null> => {
      said.push(question);
      return answer ?? null;
    };
    const terminal = { line: say, problem: say, ask, canAsk: answer !== undefined };
    const context = { config: loadConfig({ HOME: '/nonexistent', ...environment }), terminal };
    return { said, context: context as Partial<CommandContext> as CommandContext };
  }
  const nothing = { typed: undefined, maxCostUsd: undefined, running: null };

  it('and without a key the build is offline, without a word', async () => {
    const { said, context } = person('', {});
    expect(await chooseModel(nothing, context)).toBe('offline');
    expect(said).toEqual([]);
  });

  it('a key on a terminal names model, ceiling and the free way, and waits for Enter', async () => {
    const { said, context } = person('', KEY);
    expect(await chooseModel(nothing, context)).toBe(DEFAULT_LIVE_MODEL);
    expect(said).toEqual([
      `A key is set: this build will call ${DEFAULT_LIVE_MODEL}, up to 30 USD (--max-cost). Free instead: --model offline`,
      expect.stringContaining('Enter goes on'),
    ]);
  });

  it('the ceiling is the one that was typed', async () => {
    const { said, context } = person('', KEY);
    await chooseModel({ ...nothing, maxCostUsd: 2 }, context);
    expect(said[0]).toContain('up to 2 USD');
  });

  it('the person may answer offline, or end it', async () => {
    expect(await chooseModel(nothing, person('offline', KEY).context)).toBe('offline');
    await expect(chooseModel(nothing, person(null, KEY).context)).rejects.toThrow('Nothing was started.');
    await expect(chooseModel(nothing, person('no', KEY).context)).rejects.toThrow('Nothing was started');
  });

  it('a key without a terminal builds offline and says how to go live', async () => {
    const { said, context } = person(undefined, KEY);
    expect(await chooseModel(nothing, context)).toBe('offline');
    expect(said).toEqual([expect.stringMatching(/building offline.*--model claude-sonnet-5-5$/)]);
  });

  it('NIGHTSHIFT_MODEL is the default: asked about on a terminal, taken at its word elsewhere', async () => {
    const environment = { ...KEY, NIGHTSHIFT_MODEL: 'claude-opus-5-5' };
    const asked = person('', environment);
    expect(await chooseModel(nothing, asked.context)).toBe('claude-opus-5-5');
    expect(asked.said[0]).toContain('claude-opus-5-5');
    expect(await chooseModel(nothing, person(undefined, environment).context)).toBe('claude-opus-5-5');
    const offline = person('', { ...KEY, NIGHTSHIFT_MODEL: 'offline' });
    expect(await chooseModel(nothing, offline.context)).toBe('offline');
    expect(offline.said).toEqual([]);
    const keyless = person('', { NIGHTSHIFT_MODEL: 'claude-opus-5-5' }).context;
    await expect(chooseModel(nothing, keyless)).rejects.toThrow('NIGHTSHIFT_MODEL=claude-opus-5-5 needs a key');
  });

  it('a build that runs already is followed with its own model, unasked', async () => {
    const { said, context } = person(null, KEY);
    expect(await chooseModel({ ...nothing, running: 'claude-opus-5-5' }, context)).toBe('claude-opus-5-5');
    expect(said).toEqual([]);
  });
});
