"""What an enforcement point owes its policy, around an engine: a tool call in, and whether it may be made out.

`Gate` is called with the state of a graph, as LangGraph's nodes are, and needs nothing of LangGraph.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypedDict

from tollgate._native import Decision, Engine, Session


@dataclass(frozen=True)
class ToolCall:
    """A tool call that a model wants to make."""

    id: str
    name: str
    args: Any


@dataclass(frozen=True)
class Verdict:
    """Whether a call may be made."""

    call: ToolCall
    """The call, with the arguments that it may be made with."""
    allowed: bool
    reasons: list[str]
    """Why it may not; what the rules said of one that may."""
    decision: Decision
    request: Mapping[str, Any] = field(repr=False)
    """What was decided."""


class Update(TypedDict):
    """What a graph's state becomes."""

    messages: list[dict[str, Any]]
    """For each call that is refused, the tool's message that says why."""
    allowed_calls: list[dict[str, Any]]
    """The calls that may be made."""


Facts: TypeAlias = Callable[[Any], Mapping[str, Any]]
"""What the host knows of the call that the graph's state leads to: agent, user, context. A `tool` or `args` in it is passed over."""

Review: TypeAlias = Callable[[ToolCall, Decision], bool]
"""Asks a person; only `True` is an approval. What it raises goes on to the caller, as LangGraph's `interrupt` must."""

Duty: TypeAlias = Callable[[ToolCall, dict[str, Any], Decision], ToolCall | None]
"""Fulfils an obligation, given with its arguments and the decision, before the call is made.

It may give the call another form; what it raises refuses the call.
"""


class Gate:
    """Decides tool calls, obeys obligations, and refuses whenever it cannot.

    Only a call's name and arguments are the model's word; everything else comes from `facts`. Beyond what `review` raises, nothing is raised.
    """

    def __init__(
        self,
        decider: Engine | Session,
        facts: Facts,
        *,
        servers: Mapping[str, str] | None = None,
        review: Review | None = None,
        duties: Mapping[str, Duty] | None = None,
    ) -> None:
        """A gate for an engine, or for one conversation by a session, whose calls it then records.

        `servers` has the server of each tool that has one. `duties` has what fulfils each obligation but `approval`, which is `review`'s.
        """
        self._decider = decider
        self._facts = facts
        self._servers = dict(servers or {})
        self._review = review
        self._duties = dict(duties or {})
        self._session = decider if isinstance(decider, Session) else None
        # The call that the last message led to, which is not recorded yet.
        self._open: Verdict | None = None
        # Set when a call could not be recorded: a policy that has missed a call must not be asked about the next.
        self._is_broken = False
        self._turn = threading.RLock()

    def __call__(self, state: Any) -> Update:
        """The node of a graph: decides the tool calls of the last message.

        Those in `allowed_calls` may be made, and nothing else; each of the others has its tool's message, which says why not. With a session one call
        of a message may be made, since what the next is allowed depends on what became of it: `done` records that. Refused calls are recorded here.
        """
        if self._session is None:
            return self._update(state)
        # In a conversation what a call may do depends on what became of those before it.
        with self._turn:
            self.done()
            return self._update(state)

    def _update(self, state: Any) -> Update:
        update: Update = {"messages": [], "allowed_calls": []}
        for raw in _calls_of(state):
            if self._open is not None:
                update["messages"].append(_refusal(_read(raw), ["one call at a time: ask again"]))
                continue
            verdict = self.check(state, raw)
            call = verdict.call
            if not verdict.allowed:
                update["messages"].append(_refusal(call, verdict.reasons))
                self.record(verdict)
                continue
            update["allowed_calls"].append({"name": call.name, "args": call.args, "id": call.id, "type": "tool_call"})
            self._open = verdict if self._session is not None else None
        return update

    def check(self, state: Any, call: Any) -> Verdict:
        """Whether a tool call may be made: as models' messages have it, `{"id", "name", "args"}` or `{"id", "function": {"name", "arguments"}}`."""
        read = _read(call)
        request: Mapping[str, Any] = {}
        if not isinstance(read.args, Mapping):
            message = "the arguments are no JSON object"
            return Verdict(read, False, [message], self._decider.refuse(message, path="args"), request)
        try:
            server = {"server": self._servers[read.name]} if read.name in self._servers else {}
            request = {**self._facts(state), "tool": {"name": read.name, **server}, "args": read.args}
            decision = self._decider.decide(request)
        except Exception as error:
            decision = self._decider.refuse(f"the host could not make the request: {type(error).__name__}")
        reasons = [reason["text"] for reason in decision.reasons]
        if decision.effect == "deny":
            self._fulfil(read, decision)  # what a deny asks for is tried; there is nothing left to refuse
            reasons += [error["message"] for error in decision.errors]
            return Verdict(read, False, reasons or ["the policy denies it"], decision, request)
        obstacle = self._obstacle(read, decision)
        made = None if obstacle else self._fulfil(read, decision)
        if made is None:
            return Verdict(read, False, [*reasons, obstacle or "an obligation could not be fulfilled"], decision, request)
        return Verdict(made, True, reasons, decision, request)

    def record(self, verdict: Verdict, result: Any = None) -> None:
        """Records a call in the session, where the gate has one, with what the tool gave: `str` is a text, bytes are JSON.

        Where that fails, the conversation is over: every further call is refused.
        """
        if self._session is None:
            return
        # To the policy, a call that was not made is a denied one, whoever refused it.
        effect = verdict.decision.effect if verdict.allowed else "deny"
        # A refused call may have no request, or one that is no JSON: that it was asked for is remembered.
        known = [verdict.request] if verdict.allowed else [verdict.request, {"tool": {"name": verdict.call.name}}]
        for request in known:
            try:
                return self._session.record(request, effect, result)
            except Exception:
                continue
        self._is_broken = True

    def done(self, result: Any = None) -> None:
        """Records what became of the call that the last message led to. One of which nothing is said counts as made, without a result."""
        if self._open is not None:
            verdict, self._open = self._open, None
            self.record(verdict, result)

    def _obstacle(self, call: ToolCall, decision: Decision) -> str | None:
        """Why a call that is not denied may not be made; a person is asked last."""
        if self._is_broken:
            return "an earlier call could not be recorded"
        names = [obligation["name"] for obligation in decision.obligations]
        for name in names:
            if name != "approval" and name not in self._duties:
                return f"nobody here can fulfil `{name}`"
        if decision.effect == "allow" and "approval" not in names:
            return None
        if self._review is None:
            return "a person must approve it, and nobody can be asked"
        return None if self._review(call, decision) is True else "nobody approved it"

    def _fulfil(self, call: ToolCall, decision: Decision) -> ToolCall | None:
        """The call once every obligation is fulfilled; nothing where one is not."""
        try:
            for obligation in decision.obligations:
                if duty := self._duties.get(obligation["name"]):
                    call = duty(call, obligation["args"], decision) or call
        except Exception:
            return None
        return call


def _refusal(call: ToolCall, reasons: list[str]) -> dict[str, Any]:
    """The message that a model gets in the place of a tool's."""
    content = f"Not called: {'; '.join(reasons)}"
    return {"role": "tool", "content": content, "tool_call_id": call.id, "name": call.name, "status": "error"}


def _calls_of(state: Any) -> list[Any]:
    """The tool calls of a state's last message; none where there is no such thing, so that nothing is made."""
    messages = _get(state, "messages")
    last = messages[-1] if isinstance(messages, (list, tuple)) and messages else None
    calls = _get(last, "tool_calls")
    return list(calls) if isinstance(calls, (list, tuple)) else []


def _read(call: Any) -> ToolCall:
    """A call of a message, in either form. Arguments that are no JSON stay the text that they are, and are refused."""
    function = _get(call, "function")
    name = _get(call if function is None else function, "name")
    args = _get(call, "args") if function is None else _arguments(_get(function, "arguments"))
    call_id = _get(call, "id")
    return ToolCall(call_id if isinstance(call_id, str) else "", name if isinstance(name, str) else "", {} if args is None else args)


def _arguments(text: Any) -> Any:
    try:
        return json.loads(text or "{}") if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return text


def _get(value: Any, name: str) -> Any:
    """A part of a dict or of an object; `None` where there is none, or asking for it fails."""
    try:
        return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    except Exception:
        return None
