"""Decides AI agents' tool calls from a compiled policy: ``allow``, ``review`` or ``deny``.

    engine = tollgate.Engine.load("policy.plan")
    decision = engine.decide({"agent": {"id": "cs-1"}, "tool": {"name": "export_data"}, "args": {"rows": 5000}})
    if decision.effect == "allow" and not decision.obligations: ...

`Gate` does around an engine what an enforcement point owes its policy.
"""

from tollgate._native import DataError, Decision, Engine, LoadError, RequestError, Session, TollgateError
from tollgate.gate import Gate, ToolCall, Verdict

__all__ = [
    "DataError",
    "Decision",
    "Engine",
    "Gate",
    "LoadError",
    "RequestError",
    "Session",
    "TollgateError",
    "ToolCall",
    "Verdict",
]
