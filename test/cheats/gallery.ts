/** The gallery: what each cheat changes, from the honest texts of the fixture. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../config/locations.js';
import { appCheats } from './app-cheats.js';
import { type Cheat, suiteCheats } from './suite-cheats.js';

const fixture = (file: string): string =>
  readFileSync(path.join(packageRoot, 'test/fixtures/mini_project', file), 'utf8');

export const honest = {
  main: fixture('app/main.py'),
  tests: fixture('tests/test_notes.py'),
  conftest: fixture('tests/conftest.py'),
  pyproject: fixture('pyproject.toml'),
};

export const gallery: readonly Cheat[] = [...suiteCheats(honest), ...appCheats(honest)];
