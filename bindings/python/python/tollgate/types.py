"""The types of what goes in and of what decisions are made of, as their JSON has it."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, TypedDict

Effect: TypeAlias = Literal["allow", "review", "deny"]

JsonText: TypeAlias = str | bytes | bytearray | memoryview
"""JSON as text."""

Json: TypeAlias = Any
"""A value that has a JSON; which have is checked when one is given."""

Request: TypeAlias = Mapping[str, Any]
"""A request: a dict."""


class _Reason(TypedDict):
    rule: str
    text: str


class Reason(_Reason, total=False):
    """Why a rule, or the default, whose name is empty, decided so."""

    id: str


class Obligation(TypedDict):
    """What the enforcement point must do."""

    name: str
    args: dict[str, Any]


class Shadow(TypedDict):
    """What a `@shadow` rule would have done."""

    rule: str
    effect: Effect
    text: str


class _Problem(TypedDict):
    message: str


class Problem(_Problem, total=False):
    """An error that a decision met, and where: one of the other keys says it."""

    rule: str
    score: str
    path: str
    data: str
    limit: str


class WholeDecision(TypedDict):
    """A decision, as `tollgate eval` prints it."""

    effect: Effect
    rules: list[str]
    reasons: list[Reason]
    obligations: list[Obligation]
    scores: dict[str, int | None]
    shadow: list[Shadow]
    errors: list[Problem]
    policy: str


class Explanation(TypedDict):
    """A decision with what became of every rule and what every score is made of, as `tollgate eval --explain --format json` prints it."""

    decision: WholeDecision
    rules: list[dict[str, Any]]
    scores: list[dict[str, Any]]


class ToolOutlook(TypedDict):
    """What could become of a tool's call, whatever its arguments."""

    tool: str
    allow: bool
    review: bool
    deny: bool
