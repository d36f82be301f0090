"""Nightshift's own pytest plugin: what really became of each test, which requests it sent, and whether it would notice.

Loaded by name from a folder outside of the project. Takes its orders from NIGHTSHIFT_PROBE (JSON), which is gone from
the environment before any file of the project is imported; writes one JSON report when pytest ends.
"""

import hashlib
import inspect
import json
import os
import re
import time

import pytest

ORDERS = json.loads(os.environ.pop("NIGHTSHIFT_PROBE"))
ROUTES = [(r["name"], r["method"], re.compile(r["pattern"])) for r in ORDERS["routes"]]
KNOWN = ORDERS["known"]  # route -> key of the proof that was given before
TRIES = 4

state = {"node": None, "broken": None}
verdicts, reached, seconds, sources, collected, proofs = {}, {}, {}, {}, [], {}


def route_of(method, path):
    return next((name for name, m, pattern in ROUTES if m == method and pattern.fullmatch(path)), None)


def install():
    from starlette.applications import Starlette

    original = Starlette.__call__

    async def watched(self, scope, receive, send):
        if scope["type"] != "http" or state["node"] is None:
            return await original(self, scope, receive, send)
        name = route_of(scope["method"], scope["path"])
        if name is not None and name == state["broken"]:
            await send({"type": "http.response.start", "status": 501, "headers": [(b"content-type", b"application/json")]})
            await send({"type": "http.response.body", "body": b'{"detail": "Not Implemented"}'})
            return None

        async def noted(message):
            if message["type"] == "http.response.start" and name is not None and state["broken"] is None:
                reached.setdefault(name, {}).setdefault(state["node"], set()).add(message["status"])
            await send(message)

        try:
            return await original(self, scope, receive, noted)
        finally:
            endpoint = scope.get("endpoint")
            if name is not None and endpoint is not None and name not in sources:
                try:
                    sources[name] = inspect.getsourcefile(inspect.unwrap(endpoint))
                except TypeError:
                    sources[name] = None

    Starlette.__call__ = watched


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    try:
        install()
    except ImportError:
        pass


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    """The raw outcome, before anything of the project rewords it."""
    if call.excinfo is not None and state["broken"] is None:
        kind = "skipped" if call.excinfo.errisinstance(pytest.skip.Exception) else "failed"
        verdicts.setdefault(item.nodeid, kind)
    if call.excinfo is not None and state["broken"] is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        state["noticed"] = True
    return (yield)


def pytest_collection_finish(session):
    collected.extend(item.nodeid for item in session.items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    started = time.perf_counter()
    try:
        return (yield)
    finally:
        if state["broken"] is None:
            seconds[item.nodeid] = time.perf_counter() - started


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    from _pytest.runner import runtestprotocol

    state["node"] = item.nodeid
    if nextitem is not None:
        return None
    # The last test: what is shared is kept for the proofs, then torn down.
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    runtestprotocol(item, nextitem=item.parent)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    try:
        prove(item.session)
    finally:
        item.session._setupstate.teardown_exact(None)
        state["node"] = None
    return True


def prove(session):
    """For each route a test that passes, and fails when the route answers 501."""
    from _pytest.runner import runtestprotocol

    deadline = time.monotonic() + ORDERS["proof_seconds"]
    items = {item.nodeid: item for item in session.items}
    width = {}
    for nodes in reached.values():
        for node in nodes:
            width[node] = width.get(node, 0) + 1
    for name, nodes in reached.items():
        usable = [n for n in nodes if n not in verdicts and n in items]
        usable.sort(key=lambda n: (width[n], seconds.get(n, 9), n))
        known = next((n for n in usable if key_of(name, items[n]) == KNOWN.get(name)), None)
        if known is not None:
            proofs[name] = {"node": known, "key": KNOWN[name], "again": False}
            continue
        for node in usable[:TRIES]:
            if time.monotonic() > deadline:
                return
            item = items[node]
            state.update(node=node, broken=name, noticed=False)
            session._setupstate.teardown_exact(item)
            item._initrequest()
            runtestprotocol(item, log=False, nextitem=item.parent)
            state["broken"] = None
            if state["noticed"]:
                proofs[name] = {"node": node, "key": key_of(name, item), "again": True}
                break


def digest(path):
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except (OSError, TypeError):
        return ""


def key_of(name, item):
    """Changes when the route's file, the test's file or what the tests share changes."""
    parts = [digest(sources.get(name)), digest(item.path), ORDERS["shared"]]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    routes = [
        {"route": name, "nodes": sorted(nodes)[:20], "statuses": sorted(set().union(*nodes.values())), "proof": proofs.get(name)}
        for name, nodes in sorted(reached.items())
    ]
    report = {"collected": collected, "verdicts": verdicts, "routes": routes, "ended": True}
    with open(ORDERS["report"], "w", encoding="utf-8") as file:
        json.dump(report, file)
