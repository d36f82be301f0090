import { expect, test } from '@jest/globals';
import { unsafeRequirement } from '../../../activities/workspace/requirements-text.js';

test.each([
  '',
  '# a comment\n\nfastapi==0.115.0  # pinned\n',
  'uvicorn[standard]==0.30.1\nsqlalchemy [asyncio] >= 2.0, < 3\npydantic~=2.9\nzope.interface != 1.0.*\n',
  'tomli==2.0.1 ; python_version < "3.11" and platform_system == "Linux"\n',
  'a==1.0 \\\n    --hash=sha256:00ff \\\n    --hash=sha256:11aa\n',
  'plain\r\nwindows==1!2.0.post1+local\r\n',
])('plain requirements pass: %j', (text) => {
  expect(unsafeRequirement(text)).toBeNull();
});

test.each([
  '-e .',
  '--editable=/srv/project',
  '-r other.txt',
  '-c constraints.txt',
  '--index-url https://evil.example/simple',
  '--extra-index-url=https://evil.example/simple',
  '--find-links /tmp',
  'fastapi @ https://evil.example/fastapi.whl',
  'project @ file:///srv/project',
  './project',
  '/srv/project',
  '../project',
  'project/',
  'https://evil.example/x.tar.gz',
  'git+https://evil.example/x.git',
  'package-1.0-py3-none-any.whl',
  'package-1.0.tar.gz',
  'fastapi==0.115.0 --config-settings=x=y',
  'fastapi==0.115.0 ; extra @ https://evil.example',
  '$HOME/project',
])('%s is refused, wherever it stands', (line) => {
  expect(unsafeRequirement(`fastapi==0.115.0\n${line}\nhttpx==0.27.0\n`)).toBe(line);
});

test('a continued line hides nothing', () => {
  expect(unsafeRequirement('fastapi==0.115.0 \\\n-e .\n')).not.toBeNull();
  expect(unsafeRequirement('fastapi \\\n@ file:///srv/project\n')).not.toBeNull();
});
