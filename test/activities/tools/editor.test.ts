import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openUnsandboxed } from '../../../activities/security/unsandboxed.js';
import { editorTool } from '../../../activities/tools/editor.js';
import { projectFiles } from '../../../activities/tools/project-files.js';
import { type SandboxSource, sandboxSource } from '../../../activities/tools/sandbox-source.js';
import type { Tool, ToolResult } from '../../../activities/tools/tool.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

let home: TemporaryDirectory;
let projectDir: string;
let source: SandboxSource;
let tool: Tool;

beforeEach(async () => {
  home = await temporaryDirectory();
  projectDir = path.join(home.path, 'a project');
  await mkdir(projectDir);
  source = sandboxSource(() => openUnsandboxed({ projectDir, readOnly: [], environment: {}, path: [] }));
  tool = editorTool({ projectDir, files: projectFiles(source) });
});
afterEach(async () => {
  await source.close();
  await home.remove();
});

const at = (...names: string[]): string => path.join(projectDir, ...names);
const text = (...names: string[]): Promise<string> => readFile(at(...names), 'utf8');
const run = (input: unknown): Promise<ToolResult> => tool.run(input, { signal: new AbortController().signal });
const create = (file: string, fileText: string): Promise<ToolResult> =>
  run({ command: 'create', path: file, file_text: fileText });

describe('view', () => {
  it('numbers the lines of a file', async () => {
    await writeFile(at('a.py'), 'one\ntwo\n');
    expect(await run({ command: 'view', path: 'a.py' })).toEqual({ text: '     1\tone\n     2\ttwo', isError: false });
  });

  it('shows a range, to the end with -1', async () => {
    await writeFile(at('a.py'), 'one\ntwo\nthree\n');
    const view = async (range: number[]) => (await run({ command: 'view', path: 'a.py', view_range: range })).text;
    expect(await view([2, 2])).toBe('     2\ttwo');
    expect(await view([2, -1])).toBe('     2\ttwo\n     3\tthree');
    expect(await view([3, 99])).toBe('     3\tthree');
    expect(await view([9, 10])).toBe('view_range [9, 10] does not fit: a.py has 3 lines.');
  });

  it('lists a folder two levels deep without what is hidden', async () => {
    await mkdir(at('app', 'models', 'deep'), { recursive: true });
    await mkdir(at('.venv', 'lib'), { recursive: true });
    await writeFile(at('app', 'main.py'), '');
    expect((await run({ command: 'view', path: projectDir })).text).toBe('./\n  app/\n  app/main.py\n  app/models/');
  });

  it('cuts a long file and says how long it is', async () => {
    await writeFile(at('long.py'), 'a line of text\n'.repeat(5_000));
    const { text: shown } = await run({ command: 'view', path: 'long.py' });
    expect(shown.length).toBeLessThan(31_000);
    expect(shown).toContain('(long.py has 5000 lines; use view_range)');
  });

  it('says what is wrong with a missing, a binary and a huge file', async () => {
    await writeFile(at('bin'), Buffer.from([0x7f, 0x45, 0x00, 0xff]));
    await writeFile(at('huge'), 'x'.repeat(3 * 1024 * 1024));
    expect((await run({ command: 'view', path: 'no.py' })).text).toContain('no.py does not exist');
    expect((await run({ command: 'view', path: 'bin' })).text).toContain('not UTF-8 text');
    expect((await run({ command: 'view', path: 'huge' })).text).toContain('larger than 2 MB');
  });
});

describe('create', () => {
  it('writes a file with the folders above it, and leaves nothing else', async () => {
    expect(await create('app/models/task.py', 'x = "é$`\\n\'"\n')).toEqual({
      text: 'Created app/models/task.py (1 lines).',
      isError: false,
    });
    expect(await text('app', 'models', 'task.py')).toBe('x = "é$`\\n\'"\n');
    expect(await readdir(at('app', 'models'))).toEqual(['task.py']);
  });

  it('replaces a file and keeps its mode', async () => {
    await writeFile(at('init.sh'), 'old');
    await chmod(at('init.sh'), 0o755);
    expect((await create('init.sh', 'new\n')).text).toContain('Replaced init.sh');
    expect(await text('init.sh')).toBe('new\n');
    expect((await stat(at('init.sh'))).mode & 0o777).toBe(0o755);
  });

  it('gives new files and folders the owner of the project', async () => {
    if (process.getuid?.() !== 0) return;
    await chown(projectDir, 12_345, 12_345);
    await create('app/api/x.py', 'x\n');
    const owners = await Promise.all(
      ['app', 'app/api', 'app/api/x.py'].map(async (name) => (await stat(at(name))).uid),
    );
    expect(owners).toEqual([12_345, 12_345, 12_345]);
  });

  it('refuses a folder', async () => {
    await mkdir(at('app'));
    expect(await create('app', 'x')).toEqual({ text: 'app is a folder.', isError: true });
  });
});

describe('str_replace', () => {
  const replace = (old_str: string, new_str?: string): Promise<ToolResult> =>
    run({ command: 'str_replace', path: 'a.py', old_str, new_str });

  it('replaces the only match, literally, and shows the place', async () => {
    await writeFile(at('a.py'), 'a = 1\nb = 2\nc = 3\n');
    const result = await replace('b = 2', 'b = "$&"');
    expect(await text('a.py')).toBe('a = 1\nb = "$&"\nc = 3\n');
    expect(result.text).toBe('Edited a.py:\n     1\ta = 1\n     2\tb = "$&"\n     3\tc = 3');
  });

  it('deletes when there is no new text', async () => {
    await writeFile(at('a.py'), 'a\nb\n');
    await replace('b\n');
    expect(await text('a.py')).toBe('a\n');
  });

  it('changes nothing when there are several matches, and says where', async () => {
    await writeFile(at('a.py'), 'x\ny\nx\n');
    expect(await replace('x', 'z')).toMatchObject({
      isError: true,
      text: expect.stringContaining('old_str occurs 2 times in a.py (lines 1, 3). Nothing was changed'),
    });
    expect(await text('a.py')).toBe('x\ny\nx\n');
  });

  it('says where a near miss is', async () => {
    await writeFile(at('a.py'), 'def f():\n    return 1\n');
    expect((await replace('def f():\n  return 1', '')).text).toContain('Its first line stands at line 1');
    expect((await replace('nothing like it', '')).text).toContain('does not occur in a.py');
    expect((await replace('', 'x')).text).toContain('old_str is empty');
  });
});

describe('insert', () => {
  const insert = (line: number, added: string): Promise<ToolResult> =>
    run({ command: 'insert', path: 'a.py', insert_line: line, insert_text: added });

  it('adds lines behind the given one, 0 = at the top', async () => {
    await writeFile(at('a.py'), 'one\ntwo\n');
    await insert(0, 'zero');
    await insert(3, 'three\n');
    expect(await text('a.py')).toBe('zero\none\ntwo\nthree\n');
  });

  it('keeps a last line without a line end whole', async () => {
    await writeFile(at('a.py'), 'one\ntwo');
    await insert(1, 'x');
    expect(await text('a.py')).toBe('one\nx\ntwo');
    await insert(3, 'end');
    expect(await text('a.py')).toBe('one\nx\ntwo\nend\n');
  });

  it('refuses a line that is not there', async () => {
    await writeFile(at('a.py'), 'one\n');
    expect((await insert(5, 'x')).text).toBe('insert_line 5 does not fit: a.py has 1 lines.');
  });
});

describe('confinement', () => {
  it.each([['../x'], ['/etc/passwd'], ['app/../../x'], ['..'], ['/']])('refuses %s', async (file) => {
    for (const command of ['view', 'create']) {
      const result = await run({ command, path: file, file_text: 'x' });
      expect(result).toMatchObject({ isError: true, text: expect.stringContaining('outside of the project') });
    }
  });

  it('refuses a neighbour whose name begins like the project', async () => {
    await mkdir(`${projectDir}-2`);
    expect((await create(`${projectDir}-2/x`, 'x')).text).toContain('outside of the project');
  });

  it('refuses links that lead out, dangling ones and those of folders too', async () => {
    await writeFile(path.join(home.path, 'secret'), 'secret');
    await symlink(path.join(home.path, 'secret'), at('file'));
    await symlink(path.join(home.path, 'not yet there'), at('dangling'));
    await symlink(home.path, at('folder'));
    for (const file of ['file', 'dangling', 'folder/secret', 'folder/new']) {
      expect((await create(file, 'x')).text).toContain('outside of the project');
    }
    expect((await run({ command: 'view', path: 'file' })).text).not.toContain('secret\n');
    expect(await readFile(path.join(home.path, 'secret'), 'utf8')).toBe('secret');
    expect((await readdir(home.path)).sort()).toEqual(['a project', 'secret']);
  });

  it('follows a link inside the project to the file itself', async () => {
    await writeFile(at('real.py'), 'a\n');
    await symlink('real.py', at('link.py'));
    expect((await create('link.py', 'b\n')).text).toContain('Replaced real.py');
    expect(await text('real.py')).toBe('b\n');
  });

  it.each([
    ['feature_list.json'],
    ['./app/../feature_list.json'],
    ['alias.json'],
    ['claude-progress.txt'],
    ['.claude_settings.json'],
    ['.git/config'],
    ['.git/hooks/pre-commit'],
  ])('never writes %s', async (file) => {
    await mkdir(at('app'));
    await symlink('feature_list.json', at('alias.json'));
    await writeFile(at('feature_list.json'), '{}\n');
    expect(await create(file, 'x')).toMatchObject({ isError: true, text: expect.stringContaining("can't be edited") });
    expect(await text('feature_list.json')).toBe('{}\n');
  });

  it('takes a path as data, whatever it looks like', async () => {
    for (const file of ['-rf', '$(touch pwned)', "it's; touch pwned", '--help', 'a\tb'.replace('\t', ' ')]) {
      expect((await create(file, 'x\n')).isError).toBe(false);
      expect(await text(file)).toBe('x\n');
    }
    expect(await readdir(projectDir)).not.toContain('pwned');
    expect((await create('a\nb', 'x')).text).toBe('The path holds a control character.');
  });
});

describe('a wrong input', () => {
  it.each([[{ command: 'undo_edit', path: 'x' }], [{ command: 'create', path: 'x' }], [null]])(
    'is answered with the field: %j',
    async (input) => {
      const result = await run(input);
      expect(result.isError).toBe(true);
      expect(result.text).toContain('str_replace_based_edit_tool: the input does not fit.');
    },
  );

  it('has a line in the live view all the same', () => {
    expect(tool.describe({ command: 'view', path: at('app', 'main.py') })).toBe('view app/main.py');
    expect(tool.describe(null)).toBe('null');
  });
});
