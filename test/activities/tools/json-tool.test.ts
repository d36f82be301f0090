import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { jsonTool, oneLine } from '../../../activities/tools/json-tool.js';
import { ok } from '../../../activities/tools/tool.js';

const tool = jsonTool({
  name: 'greet',
  description: 'Greets.',
  input: z.strictObject({ name: z.string().startsWith('/'), times: z.int().min(1).optional() }),
  describe: ({ name }) => name,
  run: async ({ name, times }) => ok(`hello ${name} ${times ?? 1}`),
});
const context = { signal: new AbortController().signal };

describe('a tool made of a shape', () => {
  it('shows the model a plain, closed JSON Schema', () => {
    expect(tool.definition).toEqual({
      name: 'greet',
      description: 'Greets.',
      input_schema: {
        type: 'object',
        properties: {
          name: { type: 'string', pattern: '^\\/.*' },
          times: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
        },
        required: ['name'],
        additionalProperties: false,
      },
    });
  });

  it('runs with what fits', async () => {
    expect(await tool.run({ name: '/x', times: 2 }, context)).toEqual(ok('hello /x 2'));
  });

  it.each<[unknown, string]>([
    [{ name: 7 }, '- name: '],
    [{ name: '/x', times: 0 }, '- times: '],
    [{ name: '/x', other: 1 }, '- input: '],
    [null, '- input: '],
  ])('answers %j with the field', async (input, line) => {
    const result = await tool.run(input, context);
    expect(result.isError).toBe(true);
    expect(result.text).toContain(line);
  });

  it('describes anything in one short line', () => {
    expect(oneLine('a\n  b')).toBe('a b');
    expect(oneLine(undefined)).toBe('');
    expect(oneLine({ a: 1 })).toBe('{"a":1}');
    expect(oneLine('x'.repeat(200))).toHaveLength(120);
  });
});
