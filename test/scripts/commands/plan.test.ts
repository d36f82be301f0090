import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/config.js';
import type { CommandContext } from '../../../scripts/command-context.js';
import { plan } from '../../../scripts/commands/plan.js';
import { eventually } from '../../support/eventually.js';
import { scratchDirectory } from '../../support/scratch.js';

const SPEC = `# Notes

## Notes

### Model Fields
- title: string, required

### Endpoints
- \`GET /notes\` - list notes
- \`DELETE /notes/{id}\` - delete a note
`;

let scratch: ReturnType<typeof scratchDirectory>;
let file: string;
let said: string[];
let interrupt: () => void;
let context: CommandContext;
beforeEach(() => {
  scratch = scratchDirectory();
  file = path.join(scratch.path, 'notes.txt');
  writeFileSync(file, SPEC);
  said = [];
  const say = (line: string): void => {
    said.push(line);
  };
  const onInterrupt = (handler: () => void): (() => void) => {
    interrupt = handler;
    return () => undefined;
  };
  const config = { ...loadConfig({ HOME: scratch.path, PATH: '' }), callerDirectory: scratch.path };
  context = {
    config,
    self: './nightshift',
    terminal: { line: say, problem: say, onInterrupt },
  } as Partial<CommandContext> as CommandContext;
});
afterEach(() => scratch.remove());

const text = (): string => said.join('\n');
const says = (pattern: RegExp): Promise<true> =>
  eventually(String(pattern), () => pattern.test(text()), { limitMs: 20_000, explain: text });

it('tells of an unusable spec each line, what is wrong and what to do', async () => {
  writeFileSync(file, '# Notes\n\n## Notes\n\n### Model Fields\n');
  await expect(plan({ spec: 'notes.txt' }, context)).rejects.toThrow(/notes\.txt:\d+: .*no fields.* List its fields /i);
});

describe('under --watch', () => {
  it('the plan is shown again when the file is saved, and Ctrl+C ends with 0', async () => {
    const ending = plan({ spec: 'notes.txt', watch: true }, context);
    await says(/Every statement is understood\.\n-- notes\.txt is read again at every save; Ctrl\+C ends it$/);
    said.length = 0;
    writeFileSync(file, `${SPEC}\n### Business Rules\n- A note cannot be deleted on a Monday.\n`);
    await says(
      /^Not understood: 1\n {2}line \d+: A note cannot be deleted on a Monday\.\n {4}nearest that compiles: "/m,
    );
    interrupt();
    expect(await ending).toBe(0);
  });

  it('a file put in its place is noticed, as editors save; a touch without a change is not shown', async () => {
    const ending = plan({ spec: 'notes.txt', watch: true }, context);
    await says(/-- notes\.txt/);
    said.length = 0;
    writeFileSync(file, SPEC);
    writeFileSync(`${file}.new`, SPEC.replace('# Notes', '# Jottings'));
    renameSync(`${file}.new`, file);
    await says(/^Jottings: /m);
    expect(said.filter((line) => line.startsWith('--'))).toHaveLength(1);
    interrupt();
    expect(await ending).toBe(0);
  });

  it('a spec that is unusable or gone for a while ends nothing', async () => {
    const ending = plan({ spec: 'notes.txt', watch: true, json: true }, context);
    await says(/"project":"Notes"/);
    writeFileSync(file, 'nothing');
    await says(/notes\.txt:\d+: No resource is described/);
    rmSync(file);
    await says(/notes\.txt is gone; it is read again when it is back/);
    said.length = 0;
    writeFileSync(file, SPEC);
    await says(/"project":"Notes"/);
    interrupt();
    expect(await ending).toBe(0);
  });
});
