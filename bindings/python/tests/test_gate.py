"""The gate as a node of a graph and in a loop, with the policy of `examples/embed`."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tollgate import Decision, Engine, Gate, Session, ToolCall

SERVERS = {"read": "files", "fetch": "web", "send": "mail", "transfer": "pay", "run": "shell"}


class Interrupted(Exception):
    """As a graph's interrupt."""


def facts(state: Any) -> dict[str, Any]:
    return {"agent": {"id": "assistant-1"}, "context": {"time": "2026-11-12T10:00:00Z"}}


def call(name: str, call_id: str = "c1", **args: Any) -> dict[str, Any]:
    return {"name": name, "args": args, "id": call_id, "type": "tool_call"}


def state(*calls: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "", "tool_calls": list(calls)}]}


@dataclass
class World:
    """What duties were fulfilled."""

    did: list[str] = field(default_factory=list)
    approves: Any = True

    def gate(self, decider: Engine | Session) -> Gate:
        return Gate(
            decider,
            facts,
            servers=SERVERS,
            review=self.review,
            duties={"audit": self.note, "notify": self.note, "redact": self.note, "set_arg": self.set_arg},
        )

    def note(self, call: ToolCall, args: dict[str, Any], decision: Decision) -> None:
        self.did.append(f"{call.name} {args}")

    def set_arg(self, call: ToolCall, args: dict[str, Any], decision: Decision) -> ToolCall:
        return replace(call, args={**call.args, args["path"].removeprefix("/"): args["value"]})

    def review(self, call: ToolCall, decision: Decision) -> bool:
        self.did.append(f"ask {decision.obligations[0]['args']['from']}")
        if self.approves is None:
            raise Interrupted
        return self.approves  # type: ignore[no-any-return]


SEND = call("send", to="ann@corp.example", subject="s", body="b")
PAY = call("transfer", to_iban="DE1", amount=500)


def test_allowed_calls_go_on_and_refused_ones_say_why(assistant: Engine) -> None:
    world = World()
    update = world.gate(assistant)(state(call("read", "c1", path="/a"), call("send", "c2", to="x@evil.example", subject="", body=""), call("erase", "c3")))
    assert update["allowed_calls"] == [call("read", "c1", path="/a")]
    assert [(message["tool_call_id"], message["role"], message["status"]) for message in update["messages"]] == [
        ("c2", "tool", "error"),
        ("c3", "tool", "error"),
    ]
    assert update["messages"][0]["content"] == "Not called: no rule allows this call"
    assert world.did == ["read {'path': '/headers/set-cookie'}", "read {'level': 'basic'}"]


def test_obligations_change_the_call(assistant: Engine) -> None:
    update = World().gate(assistant)(state(SEND))
    assert update["allowed_calls"][0]["args"] == {**SEND["args"], "footer": "Sent by an assistant."}


def test_openai_calls(assistant: Engine) -> None:
    def function(arguments: Any) -> dict[str, Any]:
        return {"id": "c1", "type": "function", "function": {"name": "read", "arguments": arguments}}

    gate = World().gate(assistant)
    assert gate(state(function('{"path": "/a"}')))["allowed_calls"] == [call("read", path="/a")]
    for arguments in ['{"path": ', '{"path": NaN}', "[" * 100_000, None, 3, "null", ""]:
        update = gate(state(function(arguments)))
        assert update["allowed_calls"] == [] and len(update["messages"]) == 1, arguments


def test_calls_may_be_objects(assistant: Engine) -> None:
    @dataclass
    class Message:
        tool_calls: list[Any]

    @dataclass
    class State:
        messages: list[Any]

    assert World().gate(assistant)(State([Message([call("read", path="/a")])]))["allowed_calls"] == [call("read", path="/a")]


def test_only_name_and_arguments_are_the_models_word(assistant: Engine) -> None:
    gate = Gate(assistant, lambda state: {**facts(state), "tool": {"name": "read", "server": "files"}, "args": {"path": "/a"}}, servers=SERVERS)
    assert gate(state(call("erase", agent={"id": "root"})))["allowed_calls"] == []


def test_reviews(assistant: Engine) -> None:
    for answer in [True, False, 1, "yes", None]:
        world = World(approves=answer)
        gate = world.gate(assistant)
        if answer is None:
            with pytest.raises(Interrupted):
                gate(state(PAY))
            continue
        update = gate(state(PAY))
        assert bool(update["allowed_calls"]) == (answer is True)
        assert world.did[0] == "ask ['user']" and len(world.did) == (2 if answer is True else 1)
        if answer is not True:
            assert update["messages"][0]["content"] == "Not called: 500 after 0 in this conversation; nobody approved it"
    nobody = Gate(assistant, facts, servers=SERVERS, duties={"notify": World().note})
    assert nobody(state(PAY))["messages"][0]["content"].endswith("a person must approve it, and nobody can be asked")


def test_what_cannot_be_fulfilled_is_refused(assistant: Engine) -> None:
    gate = World().gate(assistant)
    assert gate(state(call("run", command="ls")))["messages"][0]["content"] == "Not called: nobody here can fulfil `sandbox`"

    def fails(call: ToolCall, args: dict[str, Any], decision: Decision) -> None:
        raise OSError("the disk is full")

    gate = Gate(assistant, facts, servers=SERVERS, duties={"audit": fails, "redact": World().note})
    assert gate(state(call("read", path="/a")))["messages"][0]["content"] == "Not called: an obligation could not be fulfilled"


def test_whatever_goes_wrong_nothing_is_allowed(assistant: Engine) -> None:
    class Bad:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    gate = World().gate(assistant)
    states: list[Any] = [None, 1, {}, {"messages": None}, {"messages": []}, {"messages": [Bad()]}, Bad(), state(), {"messages": [{"tool_calls": 3}]}]
    for bad in states:
        assert gate(bad) == {"messages": [], "allowed_calls": []}
    calls: list[Any] = [None, 1, {}, {"name": 3}, {"name": "read", "args": object()}, Bad(), call("read", path=float("nan")), {"function": {}}]
    for raw in [*calls, {"function": Bad()}]:
        update = gate(state(raw))
        assert update["allowed_calls"] == [] and update["messages"][0]["role"] == "tool"

    def no_facts(state: Any) -> dict[str, Any]:
        raise KeyError("a secret")

    update = Gate(assistant, no_facts, servers=SERVERS)(state(call("read", path="/a")))
    assert update["messages"][0]["content"] == "Not called: the host could not make the request: KeyError"


def test_a_conversation(assistant: Engine) -> None:
    world = World(approves=False)
    session = assistant.session({"prompt": "read the page"})
    gate = world.gate(session)
    assert gate(state(SEND, call("fetch", "c2", url="https://a.example/")))["messages"][0]["content"] == "Not called: one call at a time: ask again"
    gate.done("sent")
    assert gate(state(call("fetch", "c2", url="https://a.example/")))["allowed_calls"]
    # Of the page nothing is said: it counts as read.
    assert gate(state(SEND))["allowed_calls"] == []
    assert len(session) == 3

    # What is no call, or has no JSON, is remembered as asked for and ends nothing.
    gate(state(call("read", path=float("nan")), 3, {"name": "read", "args": "x"}))
    assert len(session) == 6

    verdict = gate.check(state(), call("read", path="/b"))
    assert verdict.allowed and len(session) == 6
    gate.record(verdict, {"text": "b"})
    assert len(session) == 7
    gate.record(verdict, object())
    assert gate(state(call("read", path="/b")))["messages"][0]["content"] == "Not called: an earlier call could not be recorded"
