import { describe, expect, it } from '@jest/globals';
import { ok, type Tool, type ToolResult } from '../../../activities/tools/tool.js';
import { toolbox } from '../../../activities/tools/toolbox.js';
import type { Phase } from '../../../workflows/contract.js';

/** Every backend answers with what it was asked. */
function boxOf(phase: Phase): readonly Tool[] {
  const echo =
    (name: string) =>
    async (...args: readonly unknown[]): Promise<ToolResult> =>
      ok([name, ...args.filter((arg) => !(arg instanceof AbortSignal)).map((arg) => JSON.stringify(arg))].join(' '));
  return toolbox(phase, {
    projectDir: '/project',
    policy: { check: () => ({ verdict: 'allow' }) },
    sandbox: {
      current: () => Promise.reject(new Error('unused')),
      renew: () => Promise.reject(),
      close: async () => {},
    },
    onDenied: () => undefined,
    features: { next: echo('next'), show: echo('show'), propose: echo('propose'), finish: echo('finish') },
    checks: { check: echo('check') },
    scaffold: { plan: echo('plan'), project: echo('project'), resource: echo('resource') },
    questions: {
      ask: async ({ featureId }) => (featureId === 'nowhere' ? { kind: 'unknown_feature' } : { kind: 'recorded' }),
    },
  });
}

async function run(phase: Phase, name: string, input: unknown): Promise<ToolResult> {
  const tool = boxOf(phase).find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return tool.run(input, { signal: new AbortController().signal });
}

describe.each<[Phase]>([['initializer'], ['coding']])('the tools of the %s', (phase) => {
  it('come in one fixed order', () => {
    expect(boxOf(phase).map(({ name }) => name)).toEqual([
      'bash',
      'str_replace_based_edit_tool',
      'features',
      'check',
      'scaffold',
      'ask_human',
    ]);
  });

  it('are byte-identical whenever they are made', () => {
    const bytes = (): string => JSON.stringify(boxOf(phase).map(({ definition }) => definition));
    expect(bytes()).toBe(bytes());
  });

  it('take objects only, and describe every input somehow', () => {
    for (const tool of boxOf(phase)) {
      if ('input_schema' in tool.definition) expect(tool.definition.input_schema).toMatchObject({ type: 'object' });
      for (const input of [null, 7, {}, { operation: 'next' }]) expect(typeof tool.describe(input)).toBe('string');
    }
  });
});

describe('features', () => {
  it('proposes, shows and finishes in the initializer', async () => {
    const propose = { operation: 'propose', resource: 'tags' };
    expect((await run('initializer', 'features', propose)).text).toBe('propose "tags" null');
    expect((await run('initializer', 'features', { ...propose, features: [{ id: 'a' }] })).text).toBe(
      'propose "tags" [{"id":"a"}]',
    );
    expect((await run('initializer', 'features', { operation: 'finish' })).text).toBe('finish');
    expect((await run('initializer', 'features', { operation: 'propose' })).text).toContain('needs resource');
    expect((await run('initializer', 'features', { operation: 'next' })).isError).toBe(true);
  });

  it('only reads in a coding session', async () => {
    expect((await run('coding', 'features', { operation: 'next' })).text).toBe('next');
    expect((await run('coding', 'features', { operation: 'show', id: 'a' })).text).toBe('show {"id":"a"}');
    for (const operation of ['propose', 'finish']) {
      const result = await run('coding', 'features', { operation, resource: 'tags' });
      expect(result).toMatchObject({ isError: true, text: expect.stringContaining('locked') });
    }
  });

  it('names the field of a wrong input', async () => {
    const result = await run('coding', 'features', { operation: 'delete', force: true });
    expect(result.isError).toBe(true);
    expect(result.text).toContain('- operation: ');
  });

  it('shows the model the whole shape of a feature, without `passes`', () => {
    const [definition] = boxOf('initializer').filter(({ name }) => name === 'features');
    const schema = JSON.stringify(definition);
    for (const field of ['test_cases', 'expected_json', 'afterwards', 'capture']) expect(schema).toContain(field);
    expect(schema).not.toContain('"passes"');
  });
});

describe('check', () => {
  it('takes ids, a resource, or neither', async () => {
    expect((await run('coding', 'check', { ids: ['a', 'b'] })).text).toBe('check {"ids":["a","b"],"resource":null}');
    expect((await run('coding', 'check', { resource: 'tags' })).text).toBe('check {"ids":null,"resource":"tags"}');
    expect((await run('coding', 'check', {})).text).toBe('check {"ids":null,"resource":null}');
  });
});

describe('scaffold', () => {
  it('plans and lays the frame in both phases, writes resources in coding sessions only', async () => {
    for (const phase of ['initializer', 'coding'] as const) {
      expect((await run(phase, 'scaffold', { operation: 'plan' })).text).toBe('plan');
      expect((await run(phase, 'scaffold', { operation: 'project' })).text).toBe('project');
    }
    const resource = { operation: 'resource', name: 'tags' };
    expect((await run('coding', 'scaffold', resource)).text).toBe('resource "tags"');
    expect((await run('initializer', 'scaffold', resource)).isError).toBe(true);
    expect((await run('coding', 'scaffold', { operation: 'resource' })).text).toContain('needs name');
  });
});

describe('ask_human', () => {
  const question = 'Delete or archive the comments of a deleted task?';

  it('returns at once, and the same question keeps its id', async () => {
    const ask = () => run('coding', 'ask_human', { question, feature_id: 'tasks-delete' });
    const [first, again] = [await ask(), await ask()];
    expect(first).toEqual(again);
    expect(first.text).toMatch(/^Question q-[0-9a-f]{8} is put\. The feature tasks-delete waits for it\. Go on/);
  });

  it('refuses a feature that is not there', async () => {
    const result = await run('coding', 'ask_human', { question, feature_id: 'nowhere' });
    expect(result).toMatchObject({ isError: true, text: expect.stringContaining('no feature nowhere') });
  });
});
