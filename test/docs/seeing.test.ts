/** Every command and option that docs/seeing.md names is one that the command line has, and every command that looks is on it. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../config/locations.js';

const page = readFileSync(path.join(packageRoot, 'docs', 'seeing.md'), 'utf8');
const typed = [...page.matchAll(/`\.\/nightshift ([a-z][^`]*)`/g)].map(([, words = '']) => words.split(' '));

/** The help of each command, from one process. */
function helpOf(commands: readonly string[]): ReadonlyMap<string, string> {
  const cli = path.join(packageRoot, 'dist', 'scripts', 'cli.js');
  const script = `const { main } = await import(${JSON.stringify(cli)});
    for (const command of ${JSON.stringify(commands)}) { await main([command, '--help']); process.stdout.write('\\f'); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return new Map(stdout.split('\f').map((help, index) => [commands[index] ?? '', help]));
}

describe('docs/seeing.md', () => {
  it('names every command that shows something', () => {
    const shown = new Set(typed.map(([command]) => command));
    const wanted =
      'serve watch logs transcript features report cost denials evidence verify plan new status pause resume'.split(
        ' ',
      );
    expect(wanted.filter((command) => !shown.has(command))).toEqual([]);
  });

  it('names only commands and options that there are', () => {
    const commands = [...new Set(typed.map(([command = '']) => command))];
    const help = helpOf(commands);
    for (const command of commands) expect(help.get(command)).toMatch(new RegExp(`^Usage: nightshift ${command} `));
    const wrong = typed.flatMap(([command = '', ...words]) =>
      words
        .filter((word) => word.startsWith('--') && !help.get(command)?.includes(`${word} `))
        .map((word) => `${command} ${word}`),
    );
    expect(wrong).toEqual([]);
  }, 60_000);

  it('lists the examples that are shipped', () => {
    const files = readdirSync(path.join(packageRoot, 'prompts', 'specs')).sort();
    const names = files.map((file) => path.basename(file, '.txt'));
    expect(page).toContain(`(${names.join(', ')})`);
  });
});
