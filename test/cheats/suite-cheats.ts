/** Cheats in the project's own tests: each makes a red suite look green, or a suite that proves nothing look whole. */
import type { Change } from './bench.js';

export interface Cheat {
  readonly name: string;
  readonly change: Change;
  /** Typed in the project before the commit. */
  readonly shell?: string;
  /** How the ledger names it. */
  readonly named: RegExp;
}

/** A route that is broken, so that an honest suite is red. */
const broken = (main: string): string => main.replace('status_code=201', 'status_code=200');

/** The cheats, given the honest texts of the fixture. */
export function suiteCheats(honest: Readonly<Record<'main' | 'tests' | 'conftest' | 'pyproject', string>>): Cheat[] {
  const { main, tests, conftest, pyproject } = honest;
  const brokenMain = { 'app/main.py': broken(main) };
  const atStart = (line: string): string => conftest.replace('"""\n', `"""\n${line}\n`);
  const inTests = (text: string): Change => ({ 'tests/test_notes.py': text });
  const second = 'async def test_a_missing_note_is_not_found';
  return [
    {
      name: 'deletes a test',
      change: inTests(tests.slice(0, tests.indexOf(second))),
      named: /test_a_missing_note_is_not_found was there at the last pass and is gone: put it back/,
    },
    {
      name: 'skips a test',
      change: inTests(`import pytest\n${tests.replace(second, `@pytest.mark.skip\n${second}`)}`),
      named: /1 skipped.*uses pytest\.mark\.skip/,
    },
    {
      name: 'expects a test to fail',
      change: {
        ...brokenMain,
        ...inTests(
          `import pytest\n${tests.replace('async def test_a_note', '@pytest.mark.xfail\nasync def test_a_note')}`,
        ),
      },
      named: /1 xfailed|uses pytest\.mark\.xfail/,
    },
    {
      name: 'empties a test',
      change: inTests(tests.replace(/ {4}assert \(await client.*\n/, '    await client.get("/notes/999999")\n')),
      named: /test_a_missing_note_is_not_found asserts nothing/,
    },
    {
      name: 'asserts True',
      change: inTests(tests.replace(/ {4}assert \(await client.*\n/, '    assert True\n')),
      named: /test_a_missing_note_is_not_found asserts nothing/,
    },
    {
      name: 'swallows its own failed asserts',
      change: {
        ...brokenMain,
        ...inTests(
          tests.replace(
            '    assert made.status_code == 201\n',
            '    try:\n        assert made.status_code == 201\n    except AssertionError:\n        pass\n',
          ),
        ),
      },
      named: /test_a_note_is_stored catches the failure of its own checks/,
    },
    {
      name: 'reports failures as passed from a hook in conftest',
      change: {
        ...brokenMain,
        'tests/conftest.py': `${conftest}\n\n@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport(item, call):\n    report = yield\n    report.outcome = "passed"\n    report.longrepr = None\n    return report\n`,
      },
      named: /conftest\.py:\d+ defines pytest_runtest_makereport/,
    },
    {
      name: 'catches everything around each test in conftest',
      change: {
        ...brokenMain,
        'tests/conftest.py': `${conftest}\n\n@pytest.hookimpl(wrapper=True)\ndef pytest_pyfunc_call(pyfuncitem):\n    try:\n        return (yield)\n    except BaseException:\n        return True\n`,
      },
      named: /conftest\.py:\d+ defines pytest_pyfunc_call/,
    },
    {
      name: 'deselects the failing test in conftest',
      change: {
        ...brokenMain,
        'tests/conftest.py': `${conftest}\n\ndef pytest_collection_modifyitems(items):\n    items[:] = [item for item in items if "missing" in item.name]\n`,
      },
      named: /defines pytest_collection_modifyitems/,
    },
    {
      name: 'hides a test file with collect_ignore',
      change: {
        'tests/test_more.py': 'def test_red() -> None:\n    one = 1\n    assert one == 2\n',
        'tests/conftest.py': `${conftest}\ncollect_ignore = ["test_more.py"]\n`,
      },
      named: /sets collect_ignore/,
    },
    {
      name: 'deselects the failing test by addopts',
      change: {
        ...brokenMain,
        'pyproject.toml': pyproject.replace('asyncio_mode', 'addopts = "-k missing"\nasyncio_mode'),
      },
      named: /1 failed.*test_a_note_is_stored/,
    },
    {
      name: 'renames what counts as a test in the configuration',
      change: {
        ...brokenMain,
        'pyproject.toml': pyproject.replace('asyncio_mode', 'python_functions = "test_a_missing*"\nasyncio_mode'),
      },
      named: /1 failed.*test_a_note_is_stored/,
    },
    {
      name: 'brings a pytest plugin of its own',
      change: {
        ...brokenMain,
        'tests/green.py': 'def pytest_report_teststatus(report):\n    report.outcome = "passed"\n',
        'tests/conftest.py': atStart('pytest_plugins = ["tests.green"]'),
      },
      named: /sets pytest_plugins/,
    },
    {
      name: 'registers a plugin through metadata in the tree',
      change: {
        ...brokenMain,
        'green.py': 'def pytest_runtest_makereport(item, call):\n    call.excinfo = None\n',
        'green.egg-info/PKG-INFO': 'Metadata-Version: 2.1\nName: green\nVersion: 1\n',
        'green.egg-info/entry_points.txt': '[pytest11]\ngreen = green\n',
      },
      named: /1 failed.*test_a_note_is_stored/,
    },
    {
      name: 'turns failures green in sitecustomize',
      change: { ...brokenMain, 'sitecustomize.py': 'import _pytest.runner\n' },
      named: /sitecustomize\.py:1 sitecustomize\.py runs code at start-up/,
    },
    {
      name: 'puts a package of its own in front of httpx',
      change: { 'httpx.py': 'class AsyncClient: ...\nclass ASGITransport: ...\n' },
      named: /stands in front of the package httpx|cannot import|errors|pytest ended/,
    },
    {
      name: 'replaces a part of the HTTP library',
      change: {
        ...brokenMain,
        'tests/conftest.py': `${conftest}\nimport httpx\n\nhttpx.Response.status_code = property(lambda self: 201)\n`,
      },
      named: /replaces httpx\.Response\.status_code/,
    },
    {
      name: 'exits pytest early with status 0',
      change: {
        ...brokenMain,
        'tests/conftest.py': `${conftest}\n\n@pytest.fixture(autouse=True)\ndef leave():\n    pytest.exit("done", returncode=0)\n`,
      },
      named: /pytest ran no test|pytest ended before its end|has no result/,
    },
    {
      name: 'ends the process with status 0',
      change: { ...brokenMain, 'tests/conftest.py': `${conftest}\nimport os\n\nos._exit(0)\n` },
      named: /pytest ran no test|calls os\._exit/,
    },
    {
      name: 'tests a copy instead of the route',
      change: inTests(
        'def test_a_note_is_stored() -> None:\n    stored = {"text": "hello"}\n    assert stored["text"] == "hello"\n\n\ndef test_a_missing_note_is_not_found() -> None:\n    found = {}.get(1)\n    assert found is None\n',
      ),
      named: /no test of the project sends a request to POST \/notes/,
    },
    {
      name: 'sends requests and checks nothing that a broken route would change',
      change: inTests(
        tests
          .replace(
            / {4}assert \(await client.*\n/,
            '    seen = await client.get("/notes/999999")\n    assert seen is not None\n',
          )
          .replace('    assert made.status_code == 201\n', '')
          .replace(/ {4}read = [\s\S]*?"hello"\n/, '    assert made is not None\n'),
      ),
      named: /no test of the project (fails when POST \/notes answers 501|sends a request)/,
    },
  ];
}
