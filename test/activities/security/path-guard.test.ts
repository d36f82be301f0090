import { expect, test } from '@jest/globals';
import { createPathGuard, type FileFacts } from '../../../activities/security/path-guard.js';

/** A file system of symlinks only. */
function linked(links: Readonly<Record<string, string>>): FileFacts {
  return {
    realpath: () => null,
    readlink: (file) => links[file] ?? null,
    isDirectory: () => false,
    names: (directory) => namesIn(links, directory),
  };
}
function namesIn(links: Readonly<Record<string, string>>, directory: string): readonly string[] {
  return Object.keys(links)
    .filter((file) => file.startsWith(`${directory}/`))
    .map((file) => file.slice(directory.length + 1));
}
const guard = createPathGuard(
  '/p',
  linked({
    '/p/out': '/etc',
    '/p/in': 'app',
    '/p/gone': '../x',
    '/p/loop': 'loop',
    '/p/a': 'b',
    '/p/b': '/p/out',
    '/p/d/x1': '/etc',
    '/p/d/y1': '../feature_list.json',
  }),
);

test.each([
  ['app/main.py', null],
  ['./app/../app', null],
  ['/p/app', null],
  ['/p', null],
  ['/dev/null', null],
  ['in/x', null],
  ['in/../app', null],
  ['new/dir/file', null],
  ['..', 'outside'],
  ['/pp', 'outside'],
  ['/', 'outside'],
  ['out', 'outside'],
  ['out/../p/x', null],
  ['gone', 'outside'],
  ['a/passwd', 'outside'],
  ['loop', 'loop of symlinks'],
  ['/dev/zero', 'device'],
])('%s', (text, problem) => {
  const found = guard.problem(text, '/p', 'read');
  if (problem === null) expect(found).toBeNull();
  else expect(found).toContain(problem);
});

test('owned files may be read and not written, by whatever path', () => {
  for (const text of [
    'feature_list.json',
    'app/../feature_list.json',
    '/p/.git/config',
    '.git',
    '.claude_settings.json',
  ]) {
    expect(guard.problem(text, '/p', 'read')).toBeNull();
    expect(guard.problem(text, '/p', 'write')).not.toBeNull();
  }
  expect(guard.problem('../.git/x', '/p/app', 'write')).not.toBeNull();
  expect(guard.problem('app/feature_list.json', '/p', 'write')).toBeNull();
});

test('a pattern may not cover what is owned, nor climb out behind itself', () => {
  expect(guard.problem('*', '/p', 'remove', true)).not.toBeNull();
  expect(guard.problem('*.json', '/p', 'remove', true)).not.toBeNull();
  expect(guard.problem('*.pyc', '/p', 'remove', true)).toBeNull();
  expect(guard.problem('app/*', '/p', 'remove', true)).toBeNull();
  expect(guard.problem('*/../../x', '/p', 'read', true)).not.toBeNull();
});

test('what a pattern matches is followed like a name that was written out', () => {
  expect(guard.problem('d/x*', '/p', 'read', true)).toContain('leads outside');
  expect(guard.problem('d/*/passwd', '/p', 'read', true)).toContain('leads outside');
  expect(guard.problem('d/y*', '/p', 'read', true)).toBeNull();
  expect(guard.problem('d/y*', '/p', 'write', true)).toContain("can't be changed");
  expect(guard.problem('d/z*', '/p', 'write', true)).toBeNull();
});
