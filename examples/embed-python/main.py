"""An agent's loop with a gate between model and tools: ``main.py PLAN``.

The model is a script, and the tools print what they do; all else is as in a service.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tollgate import Decision, Engine, Gate, ToolCall

DATA = Path(__file__).parent.parent / "embed/data/staff_domains.json"

# The server of each tool, which no model is asked about.
SERVERS = {"read": "files", "fetch": "web", "send": "mail", "transfer": "pay", "run": "shell"}


def model() -> Iterator[list[dict[str, Any]]]:
    """What the model wants to call, message by message."""

    def mail(to: str) -> dict[str, Any]:
        return {"name": "send", "args": {"to": to, "subject": "The page", "body": "…"}}

    def transfer(amount: int) -> dict[str, Any]:
        return {"name": "transfer", "args": {"to_iban": "DE02120300000000202051", "amount": amount}}

    yield [mail("bob@corp.example")]
    yield [{"name": "fetch", "args": {"url": "https://news.example/today"}}]
    yield [mail("ann@corp.example")]
    yield [mail("bob@corp.example"), mail("eve@mailbox.example")]
    yield [mail("eve@mailbox.example")]
    yield [transfer(60)]
    yield [transfer(60)]
    yield [{"name": "run", "args": {"command": "ls"}}, {"name": "read", "args": {"path": 7}}]


def facts(state: Any) -> dict[str, Any]:
    """Who calls, and when: the service's word. A real one takes them from its own session, and the time from its clock."""
    return {"agent": {"id": "assistant-1"}, "context": {"time": "2026-11-12T10:00:00Z"}}


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class Host:
    """What this service can do for its policy, and its tools."""

    def __init__(self) -> None:
        # What is to be hidden of the next result.
        self.hidden: list[str] = []

    def review(self, call: ToolCall, decision: Decision) -> bool:
        """Asks a person, who approves what costs nothing."""
        approved = call.name != "transfer"
        print(f"    ask      {'; '.join(reason['text'] for reason in decision.reasons)} -> {'yes' if approved else 'no'}")
        return approved

    def audit(self, call: ToolCall, args: dict[str, Any], decision: Decision) -> None:
        """Keeps a record: here the line says so; `decision.to_json()` is what to keep."""
        print(f"    audit    {args['level']}: {decision.effect} by {', '.join(decision.rules)}")

    def notify(self, call: ToolCall, args: dict[str, Any], decision: Decision) -> None:
        print(f"    notify   {args['channel']}")

    def set_arg(self, call: ToolCall, args: dict[str, Any], decision: Decision) -> ToolCall:
        """Replaces an argument; the policy names none that is deeper."""
        name = args["path"].removeprefix("/")
        if "/" in name:
            raise ValueError(args["path"])
        return replace(call, args={**call.args, name: args["value"]})

    def redact(self, call: ToolCall, args: dict[str, Any], decision: Decision) -> None:
        self.hidden.append(args["path"])

    def run(self, call: dict[str, Any]) -> dict[str, Any]:
        """Makes a call that may be made."""
        print(f"    run      {call['name']} {text(call['args'])}")
        return {"text": "…", "headers": {"set-cookie": "id=17"}}

    def shown(self, result: dict[str, Any]) -> dict[str, Any]:
        """A result without what the model may not see."""
        result = json.loads(json.dumps(result))
        for path in self.hidden:
            *around, last = path.removeprefix("/").split("/")
            part: Any = result
            for name in around:
                part = part.get(name, {})
            if last in part:
                part[last] = "[redacted]"
        self.hidden.clear()
        return result


def main(plan: str) -> None:
    engine = Engine.load(plan)
    engine.set_data("staff_domains", DATA.read_bytes())
    host = Host()
    duties = {"audit": host.audit, "notify": host.notify, "set_arg": host.set_arg, "redact": host.redact}
    session = engine.session({"prompt": "Summarise the page and mail it to ann@corp.example."})
    gate = Gate(session, facts, servers=SERVERS, review=host.review, duties=duties)

    state: dict[str, Any] = {"messages": []}
    for turn, calls in enumerate(model()):
        calls = [{**call, "id": f"call-{turn}-{place}"} for place, call in enumerate(calls)]
        state["messages"].append({"role": "assistant", "content": "", "tool_calls": calls})
        for call in calls:
            print(f"{call['name']} {text(call['args'])}")
        update = gate(state)
        for message in update["messages"]:
            print(f"    refused  {message['content']}")
        state["messages"] += update["messages"]
        for call in update["allowed_calls"]:
            result = host.run(call)
            gate.done(result)
            state["messages"].append({"role": "tool", "content": text(host.shown(result)), "tool_call_id": call["id"], "name": call["name"]})
            print(f"    done     {state['messages'][-1]['content']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
