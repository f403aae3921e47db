"""Whatever a request is, there is a decision, it is a deny, and it says why. Nothing is raised, hangs or grows."""

import gc
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tollgate import DataError, Engine, LoadError


class Zone(tzinfo):
    """A time zone that runs something."""

    def __init__(self, run: Callable[[], object]) -> None:
        self.run = run

    def utcoffset(self, when: datetime | None) -> timedelta:
        self.run()
        return timedelta()

    def dst(self, when: datetime | None) -> None:
        return None

    def tzname(self, when: datetime | None) -> str:
        return "Zone"


def throws() -> None:
    raise RuntimeError("no offset")


def hostile() -> Iterator[tuple[str, Any]]:
    itself: list[Any] = []
    itself.append(itself)
    around: dict[str, Any] = {}
    around["args"] = around
    shared: list[Any] = [1]
    for _ in range(200):
        shared = [shared, shared]
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    yield "nothing", None
    yield "a number", 1
    yield "text", "allow"
    yield "no text", b"\xff\xfe"
    yield "empty", ""
    yield "a list", []
    yield "half", '{"agent": '
    yield "twice", '{"agent": {"id": "a"}, "agent": {"id": "b"}, "tool": {"name": "t"}}'
    yield "trailing", '{"agent": {"id": "a"}, "tool": {"name": "t"}} x'
    yield "NaN", {"args": float("nan")}
    yield "NaN as JSON", '{"args": NaN}'
    yield "infinity", {"args": [float("-inf")]}
    yield "no number", {"args": Decimal("NaN")}
    yield "a large number", {"args": 10**40}
    yield "a very large number", {"args": 10**5000}
    yield "a large decimal", {"args": Decimal("1E+400")}
    yield "a lone surrogate", {"args": "\ud800"}
    yield "a lone surrogate for a key", {"\udfff": 1}
    yield "a lone surrogate as JSON", '"\ud800"'
    yield "a lone surrogate, escaped", '{"args": "\\ud800"}'
    yield "itself", {"args": itself}
    yield "around", around
    yield "shared", {"args": shared}
    yield "deep", {"args": deep}
    yield "deep JSON", "[" * 1_000_000
    yield "long", {"args": "x" * 100_000_000}
    yield "long JSON", b'"' + b"x" * 100_000_000 + b'"'
    yield "wide", {"args": [0] * 10_000_000}
    yield "a key of another type", {"args": {1: 2}}
    yield "an object", {"args": object()}
    yield "a type", {"args": float}
    yield "a generator", (number for number in range(3))
    yield "no zone", {"context": {"time": datetime(2026, 1, 1)}}
    yield "a bad zone", {"context": {"time": datetime(2026, 1, 1, tzinfo=Zone(throws))}}
    yield "bytes in it", {"args": b"{}"}
    yield "a set of lists", {"args": {(1, ("a", 1.5)), frozenset({2})}}


def test_a_bad_request_is_denied(gateway: Engine) -> None:
    for what, request in hostile():
        begun = time.perf_counter()
        decision = gateway.decide(request)
        assert time.perf_counter() - begun < 5, what
        assert decision.effect == "deny" and decision.errors[0]["message"] and len(decision.to_json()) < 2000, what
        assert gateway.explain(request)["decision"] == decision.to_dict(), what
        assert gateway.session().decide(request).effect == "deny", what


def test_a_value_that_changes_what_it_is_in(gateway: Engine) -> None:
    fields: dict[str, Any] = {}

    def grow() -> None:
        fields.update((str(number), number) for number in range(100))

    fields["a"] = datetime(2026, 1, 1, tzinfo=Zone(grow))
    fields["b"] = 1
    assert gateway.decide({"args": fields}).effect == "deny"


def test_at_the_end_of_the_stack(gateway: Engine) -> None:
    def sink(depth: int) -> str:
        try:
            return sink(depth + 1)
        except RecursionError:
            return gateway.decide("{").effect

    try:
        assert sink(0) == "deny"
    except RecursionError:
        pass


def test_random_values(gateway: Engine) -> None:
    randoms = random.Random(7)
    leaves: list[Any] = [None, True, 0, -1.5, 1e308, "", "\x00", "é\U0001f600", "\udc80", 2**70, Decimal("0.1"), float("nan"), b"", object()]

    def value(depth: int) -> Any:
        kind = randoms.randrange(6 if depth else 1)
        if kind < 3:
            return randoms.choice(leaves)
        if kind == 3:
            return {randoms.choice(["agent", "tool", "args", "name", "id", "\ud800"]): value(depth - 1) for _ in range(randoms.randrange(4))}
        return [value(depth - 1) for _ in range(randoms.randrange(4))]

    for _ in range(20_000):
        assert gateway.decide({"agent": value(2), "tool": value(2), "args": value(4)}).effect == "deny"


def test_random_plans(gateway_plan: Path) -> None:
    plan, randoms = gateway_plan.read_bytes(), random.Random(7)
    for _ in range(300):
        place = randoms.randrange(len(plan))
        damaged = plan[:place] + bytes([plan[place] ^ (1 << randoms.randrange(8))]) + plan[place + 1 :]
        with pytest.raises(LoadError):
            Engine.load(damaged)


def test_threads_under_load(gateway: Engine, calls: list[str]) -> None:
    """Many threads decide while data are replaced: every decision is by one version or the other."""
    registry = {"support-1": {"tools": ["search_customers"], "max_risk": "critical"}}
    with_grant, without = gateway.fork(), gateway.fork()
    with_grant.set_data("registry", registry)
    without.set_data("registry", {})
    either = [{with_grant.decide(line).to_json(), without.decide(line).to_json()} for line in calls]
    long = {"agent": {"id": "a"}, "tool": {"name": "t"}, "args": {"x": "y" * 50_000}, "context": {}}
    wrong: list[str] = []
    end = time.monotonic() + 2

    def decide() -> None:
        while time.monotonic() < end:
            for line, expected in zip(calls, either):
                if (decision := gateway.decide(line).to_json()) not in expected:
                    wrong.append(decision)
            if gateway.decide(long).effect != "deny":
                wrong.append("the long request")

    def replace() -> None:
        while time.monotonic() < end:
            gateway.set_data("registry", registry)
            gateway.set_data("registry", {})

    gateway.set_data("registry", registry)
    threads = [threading.Thread(target=decide) for _ in range(8)] + [threading.Thread(target=replace)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not wrong and not any(thread.is_alive() for thread in threads)


def test_a_session_of_many_threads(assistant: Engine) -> None:
    session = assistant.session()
    fetch = {"agent": {"id": "a"}, "tool": {"server": "web", "name": "fetch"}, "args": {"url": "https://a.example/"}}

    def call() -> None:
        for _ in range(500):
            session.decide(fetch)
            session.record(fetch, "allow", "x" * 100)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(session) == 4000


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow(gateway: Engine, calls: list[str]) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    def work() -> None:
        for _ in range(500):
            for line in calls:
                decision = gateway.decide(line)
                decision.to_dict(), decision.reasons
            gateway.decide({"args": [1, {"a": float("nan")}]})
            gateway.allowed_tools(calls[0])
            gateway.session({"prompt": "x" * 1000}).record(calls[0], "allow", "y" * 1000)
            with pytest.raises(DataError):
                gateway.set_data("registry", {"a": 1})
        gateway.explain(calls[0])
        gc.collect()

    work()
    before = resident()
    work()
    assert resident() - before < 4 << 20
