"""Engines, data, decisions and sessions."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Tollgate

from tollgate import DataError, Engine, LoadError, RequestError, TollgateError

LOOK = {"agent": {"id": "support-1"}, "tool": {"server": "docs", "name": "search"}, "args": {}, "context": {}}


def test_decisions_are_those_of_the_command(gateway: Engine, calls: list[str], tollgate: Tollgate) -> None:
    expected = tollgate("eval", "-i", "examples/gateway/calls.jsonl", "examples/gateway").splitlines()
    assert len(calls) == len(expected) == 40
    forms: list[Callable[[str], Any]] = [str, str.encode, lambda line: bytearray(line.encode()), lambda line: memoryview(line.encode()), json.loads]
    for form in forms:
        assert [gateway.decide(form(line)).to_json() for line in calls] == expected


def test_explanations_are_those_of_the_command(gateway: Engine, calls: list[str], tollgate: Tollgate, tmp_path: Path) -> None:
    for line in calls[:5]:
        (tmp_path / "call.json").write_text(line)
        expected = tollgate("eval", "-i", str(tmp_path / "call.json"), "--explain", "--format", "json", "examples/gateway")
        explained = gateway.explain(json.loads(line))
        expected_rules = {rule["rule"]: rule for rule in json.loads(expected)["rules"]}
        assert explained["scores"] == json.loads(expected)["scores"]
        assert explained["decision"] == gateway.decide(line).to_dict()
        assert all(rule == expected_rules[rule["rule"]] for rule in explained["rules"]) and explained["rules"]


def test_a_decision_has_parts(gateway: Engine, calls: list[str]) -> None:
    decisions = [gateway.decide(line) for line in calls]
    review = next(decision for decision in decisions if decision.effect == "review" and decision.obligations)
    whole = review.to_dict()
    assert (review.rules, review.reasons, review.obligations) == (whole["rules"], whole["reasons"], whole["obligations"])
    assert (review.scores, review.shadow, review.errors, review.policy) == (whole["scores"], whole["shadow"], whole["errors"], gateway.policy)
    assert json.loads(review.to_json()) == whole
    assert review.rules[0] in repr(review)
    assert review == gateway.decide(calls[decisions.index(review)]) and review != decisions[0]


def test_a_decision_is_not_taken_for_an_allow(gateway: Engine) -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        assert gateway.decide(LOOK)


def test_allowed_tools(gateway: Engine) -> None:
    tools = {tool["tool"]: tool for tool in gateway.allowed_tools({"agent": {"id": "support-1"}, "context": {"environment": "prod"}})}
    assert tools["crm/search_customers"]["allow"]
    assert not tools["crm/delete_record"]["allow"] and not tools["crm/delete_record"]["review"]
    with pytest.raises(RequestError, match="at `agent`"):
        gateway.allowed_tools({"agent": 3})


def test_data_are_replaced(gateway: Engine) -> None:
    call = {"agent": {"id": "new-1"}, "tool": {"server": "crm", "name": "search_customers"}, "args": {"query": "x"}, "context": {}}
    fork = gateway.fork()
    gateway.set_data("registry", {"new-1": {"tools": {"search_customers"}, "max_risk": "high"}})
    assert (gateway.decide(call).effect, fork.decide(call).effect) == ("allow", "deny")
    with pytest.raises(DataError, match="no data `nobody`"):
        gateway.set_all({"registry": {}, "nobody": 1})
    assert gateway.decide(call).effect == "allow"
    for wrong in [{"new-1": 1}, "{", b"\xff", float("nan"), object()]:
        with pytest.raises(DataError, match="registry"):
            gateway.set_data("registry", wrong)


def test_without_data_everything_is_denied(gateway_plan: Path) -> None:
    engine = Engine.load(gateway_plan.read_bytes())
    assert engine.unbound() == ["gateway.company_domains", "gateway.registry"]
    decision = engine.decide(LOOK)
    assert decision.effect == "deny" and "data" in decision.errors[0]
    with pytest.raises(RequestError):
        engine.decide(LOOK, strict=True)


def test_plans(gateway_plan: Path, tmp_path: Path) -> None:
    plan = gateway_plan.read_bytes()
    assert Engine.load(str(gateway_plan)).policy == Engine.load(bytearray(plan)).policy == Engine.load(gateway_plan).policy
    for damaged in [b"", b"x", plan[:-1], plan[:1000], plan[:500] + b"\0" + plan[501:]]:
        with pytest.raises(LoadError):
            Engine.load(damaged)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Engine.load(tmp_path / "nowhere")
    with pytest.raises(TypeError):
        Engine.load(3)  # type: ignore[arg-type]
    assert issubclass(LoadError, TollgateError)


def test_strictness(gateway: Engine, calls: list[str]) -> None:
    assert gateway.decide(calls[0], strict=True) == gateway.decide(calls[0])
    with pytest.raises(RequestError, match="at `agent`") as raised:
        gateway.decide({"agent": 1}, strict=True)
    assert raised.value.decision == gateway.decide({"agent": 1})


def test_limits(gateway_plan: Path, calls: list[str]) -> None:
    small = Engine.load(gateway_plan, input_bytes=100)
    small.set_all({"registry": {}, "company_domains": []})
    assert small.decide(calls[0]).errors[0]["limit"] == "input_bytes"
    assert small.decide(json.loads(calls[0])).errors[0]["limit"] == "input_bytes"
    with pytest.raises(DataError, match="size limit"):
        Engine.load(gateway_plan, data_bytes=10).set_data("company_domains", ["a.example", "b.example"])


def test_what_has_a_json(gateway: Engine) -> None:
    """Exact decimals, instants, whole numbers of any class, and sets come through; the policy sees them by its types."""

    class Rows(int):
        def __str__(self) -> str:
            return "many"

    engine = gateway.fork()
    engine.set_data("registry", {"a": {"tools": {"export_data", "transfer"}, "max_risk": "high"}})
    time = datetime(2026, 11, 12, 10, tzinfo=timezone(timedelta(hours=1)))
    base: dict[str, Any] = {"agent": {"id": "a", "labels": frozenset({"x", "y"})}, "context": {"time": time}}
    export = {**base, "tool": {"server": "crm", "name": "export_data"}, "args": {"data_type": "sensitive", "table": "t", "rows": Rows(5000)}}
    assert engine.decide(export).reasons[0]["text"] == "export of 5000 sensitive rows by a"
    transfer = {"account": "a", "to_iban": "DE89370400440532013000", "amount": Decimal("18250.10"), "currency": "EUR", "reference": "r"}
    decided = engine.decide({**base, "tool": {"server": "pay", "name": "transfer"}, "args": transfer})
    assert not decided.errors and any("18250.1 " in reason["text"] for reason in decided.reasons), decided


def test_sessions(assistant: Engine) -> None:
    session = assistant.session({"prompt": "mail the page to nobody"})
    mail = {"agent": {"id": "a"}, "tool": {"server": "mail", "name": "send"}, "args": {"to": "ann@corp.example", "subject": "s", "body": "b"}}
    fetch = {"agent": {"id": "a"}, "tool": {"server": "web", "name": "fetch"}, "args": {"url": "https://a.example/"}}
    assert session.decide(mail).effect == "allow"
    session.record(fetch, "allow", "what the page says")
    session.record(json.dumps(fetch), "allow", b'{"text": "the same as JSON"}')
    session.record(fetch, "deny")
    assert len(session) == 3 and session.decide(mail).effect == "review"
    assert assistant.session().decide(mail).effect == "allow"
    assert session.decide({**mail, "session": {}}).effect == "deny"
    with pytest.raises(ValueError, match="maybe"):
        session.record(mail, "maybe")  # type: ignore[arg-type]
    for result in [b"{", float("inf"), object()]:
        with pytest.raises(DataError):
            session.record(mail, "allow", result)
    with pytest.raises(DataError, match="session"):
        assistant.session({"prompt": 3})
    assert len(session) == 3


def test_refusals(gateway: Engine) -> None:
    refusal = gateway.refuse("nobody knows the agent", path="agent")
    assert (refusal.effect, refusal.errors, refusal.policy) == ("deny", [{"path": "agent", "message": "nobody knows the agent"}], gateway.policy)


def test_nothing_can_be_copied_by_accident(gateway: Engine) -> None:
    with pytest.raises(TypeError):
        copy.deepcopy(gateway)


def test_the_example_prints_what_its_page_shows(assistant_plan: Path) -> None:
    folder = ROOT / "examples/embed-python"
    program = [sys.executable, str(folder / "main.py"), str(assistant_plan)]
    printed = subprocess.run(program, capture_output=True, check=True, text=True).stdout
    assert f"```text program\n{printed}```" in (folder / "README.md").read_text()
