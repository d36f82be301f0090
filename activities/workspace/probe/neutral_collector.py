"""What a project's tests say of themselves, read without importing any of it.

Runs under `python -I`: no conftest, plugin, sitecustomize or configuration of the project has a say. Prints JSON:
tests (node and whether it asserts), tells (what could hide a failure), removed (reasons on record), plugins.
"""

import ast
import hashlib
import json
import os
import sys
from importlib.metadata import entry_points

SKIPPED_FOLDERS = {".git", ".venv", "venv", "node_modules", "__pycache__", "build", "dist"}
HOOKS = {
    "pytest_runtest_makereport", "pytest_runtest_call", "pytest_runtest_protocol", "pytest_pyfunc_call",
    "pytest_runtest_logreport", "pytest_runtestloop", "pytest_report_teststatus", "pytest_exception_interact",
    "pytest_collection_modifyitems", "pytest_ignore_collect", "pytest_pycollect_makeitem", "pytest_collection",
    "pytest_sessionfinish", "pytest_unconfigure", "pytest_cmdline_main", "pytest_load_initial_conftests",
    "pytest_itemcollected", "pytest_make_collect_report", "pytest_collectreport",
}
SHADOWED = {
    "_pytest", "asyncpg", "fastapi", "httpx", "httpcore", "pluggy", "pydantic", "pytest", "pytest_asyncio",
    "pytest_cov", "requests", "sitecustomize", "sqlalchemy", "starlette", "usercustomize", "uvicorn",
}
GUARDED = {"httpx", "requests", "pytest", "_pytest", "starlette", "fastapi", "unittest", "builtins", "pluggy"}
SKIPS = {"skip", "skipif", "xfail", "importorskip", "skipIf", "skipUnless", "expectedFailure", "SkipTest"}
ASSERTING = ("assert", "expect", "check", "verify", "must")
CONFIGURATION = ["pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini"]
REASONS = os.path.join("tests", "removed_tests.txt")

tests, tells = [], []


def tell(path, node, what):
    tells.append({"file": path, "line": getattr(node, "lineno", 1), "what": what})


def dotted(node):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def python_files():
    for folder, names, files in os.walk("."):
        names[:] = sorted(n for n in names if n not in SKIPPED_FOLDERS and not n.startswith("."))
        for name in sorted(files):
            if name.endswith((".py", ".pth")):
                yield os.path.normpath(os.path.join(folder, name))


def shadows(path):
    parts = path.split(os.sep)
    top = parts[0][:-3] if len(parts) == 1 and parts[0].endswith(".py") else parts[0]
    stem = os.path.basename(path)[:-3]
    if path.endswith(".pth"):
        tell(path, None, "a .pth file runs code at start-up")
    elif stem in ("sitecustomize", "usercustomize"):
        tell(path, None, f"{stem}.py runs code at start-up")
    elif top in SHADOWED and (len(parts) == 1 or parts[1:] == ["__init__.py"]):
        tell(path, None, f"stands in front of the package {top}")


def constant(test):
    """Holds whatever the app does: `assert True`, `assert 1 == 1`, `assert x == x`."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.Compare):
        sides = [test.left, *test.comparators]
        if all(isinstance(side, ast.Constant) for side in sides):
            return bool(eval(compile(ast.Expression(test), "constants", "eval"), {"__builtins__": {}}))
        return (
            len({ast.dump(side) for side in sides}) == 1 and isinstance(test.ops[0], (ast.Eq, ast.Is, ast.GtE, ast.LtE))
        )
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(constant(value) for value in test.values)
    return isinstance(test, (ast.Tuple, ast.List, ast.Dict)) and bool(getattr(test, "elts", None) or getattr(test, "keys", None))


def broad(handler):
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    caught = {"" if name is None else dotted(name).split(".")[-1] for name in names}
    return bool(caught & {"", "Exception", "BaseException", "AssertionError"})


def swallowed(function):
    """Lines of asserts whose failure somebody catches and drops."""
    for node in ast.walk(function):
        if isinstance(node, ast.Try) and any(
            broad(one) and not any(isinstance(inner, ast.Raise) for inner in ast.walk(one)) for one in node.handlers
        ):
            body = [inner for part in node.body for inner in ast.walk(part)]
            asserts = [i for i in body if isinstance(i, (ast.Assert, ast.Await, ast.Call))]
            if any(isinstance(i, ast.Assert) for i in body) or (asserts and not node.orelse):
                yield node
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                called = item.context_expr
                if isinstance(called, ast.Call) and dotted(called.func).endswith("suppress"):
                    yield node


def proves(node):
    if isinstance(node, ast.Assert):
        return not constant(node.test) and not isinstance(node.test, ast.Constant)
    if isinstance(node, ast.Call):
        name = dotted(node.func)
        last = name.split(".")[-1]
        return last in ("raises", "raise_for_status", "fail", "warns") or (
            last.startswith("assert") and name.startswith("self.")
        )
    return False


def calls(node):
    return {dotted(n.func).split(".")[-1] for n in ast.walk(node) if isinstance(n, ast.Call)}


def tests_of(path, tree):
    def functions(body, prefix):
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
                yield f"{prefix}::{node.name}", node
            elif isinstance(node, ast.ClassDef):
                case = any(dotted(base).endswith("TestCase") for base in node.bases)
                made = any(isinstance(n, ast.FunctionDef) and n.name == "__init__" for n in node.body)
                if case or (node.name.startswith("Test") and not made):
                    yield from functions(node.body, f"{prefix}::{node.name}")

    name = os.path.basename(path)
    if name.startswith("test_") or name.endswith("_test.py"):
        yield from functions(tree.body, path.replace(os.sep, "/"))


def read_marks(path, tree):
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.split(".")[0])
            imported |= {alias.asname or alias.name for alias in node.names if node.module.split(".")[0] in GUARDED}
    for module in sorted(imported & {"_pytest", "pluggy"}):
        tell(path, None, f"reaches into {module}")
    for node in ast.walk(tree):
        mark_of(path, node, imported)


def mark_of(path, node, imported):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in HOOKS:
        tell(path, node, f"defines {node.name}, which can change what becomes of a test")
    elif isinstance(node, ast.Attribute) and node.attr in SKIPS and dotted(node).split(".")[0] in ("pytest", "unittest"):
        tell(path, node, f"uses {dotted(node)}: a test that is left out proves nothing")
    elif isinstance(node, ast.Call):
        name = dotted(node.func)
        if name in ("os._exit", "os.kill", "os.abort"):
            tell(path, node, f"calls {name}")
        target = node.args[0] if node.args else None
        root = dotted(target).split(".")[0] if target is not None else ""
        if name.split(".")[-1] == "setattr" and (
            root in GUARDED & imported
            or (isinstance(target, ast.Constant) and str(target.value).split(".")[0] in GUARDED)
        ):
            tell(path, node, f"replaces a part of {root or target.value}")
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            name = dotted(target)
            if isinstance(target, ast.Attribute) and name.split(".")[0] in GUARDED & imported:
                tell(path, node, f"replaces {name}")
            if name in ("collect_ignore", "collect_ignore_glob", "pytest_plugins", "__test__") or name.endswith(".__test__"):
                tell(path, node, f"sets {name}, which leaves tests out or adds plugins")


def main():
    trees = {}
    for path in python_files():
        shadows(path)
        if path.endswith(".py"):
            try:
                with open(path, encoding="utf-8") as file:
                    trees[path] = ast.parse(file.read(), path)
            except (SyntaxError, ValueError, OSError) as error:
                tell(path, None, f"cannot be read: {error}")
    of_tests = {p: t for p, t in trees.items() if p.split(os.sep)[0] in ("tests", "test") or "conftest" in p
                or os.path.basename(p).startswith("test_") or p.endswith("_test.py")}
    helpers = {}
    for path, tree in of_tests.items():
        read_marks(path, tree)
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                helpers.setdefault(node.name, []).append(node)
    asserting = {name for name, nodes in helpers.items() if any(proves(n) for f in nodes for n in ast.walk(f))}
    for _ in range(5):  # helpers that call helpers
        asserting |= {name for name, nodes in helpers.items() if any(calls(f) & asserting for f in nodes)}
    for path, tree in of_tests.items():
        seen = set()
        for node, function in tests_of(path, tree):
            if node in seen:
                tell(path, function, f"defines {function.name} twice: the first one never runs")
            seen.add(node)
            direct = any(proves(n) for n in ast.walk(function)) or bool(calls(function) & (asserting - {function.name}))
            hidden = [n for n in swallowed(function) if not any(isinstance(i, ast.Call) and dotted(i.func).endswith("raises") for i in ast.walk(n))]
            for place in hidden:
                tell(path, place, f"{function.name} catches the failure of its own checks")
            tests.append({"node": node, "asserts": direct})
    shared = hashlib.sha256()
    for path in [*sorted(p for p in of_tests if not list(tests_of(p, of_tests[p]))), *CONFIGURATION]:
        if os.path.isfile(path):
            with open(path, "rb") as file:
                shared.update(path.encode() + b"\0" + file.read())
    removed = {}
    if os.path.isfile(REASONS):
        with open(REASONS, encoding="utf-8") as file:
            for line in file:
                node, _, reason = line.partition("#")
                if node.strip() and reason.strip():
                    removed[node.strip()] = reason.strip()
    plugins = sorted({point.value.split(":")[0] for point in entry_points(group="pytest11")})
    json.dump({"tests": tests, "tells": tells[:100], "removed": removed, "plugins": plugins, "shared": shared.hexdigest()}, sys.stdout)


main()
