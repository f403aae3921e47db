import os
from collections.abc import Mapping
from typing import final

from tollgate.types import Effect, Explanation, Json, JsonText, Obligation, Problem, Reason, Request, Shadow, ToolOutlook, WholeDecision

class TollgateError(Exception):
    """Anything that Tollgate complains of."""

class LoadError(TollgateError):
    """The plan cannot be used."""

class DataError(TollgateError):
    """Data, a session's facts or a recorded call do not fit the policy."""

class RequestError(TollgateError):
    """The request cannot be decided."""

    decision: Decision
    """Its deny, where `decide` was asked to be strict."""

@final
class Decision:
    """What the policy says of one tool call, by which rules, and why. It is neither true nor false: compare its `effect`."""

    @property
    def effect(self) -> Effect: ...
    @property
    def rules(self) -> list[str]:
        """The full names of the rules that made it."""

    @property
    def reasons(self) -> list[Reason]:
        """Why, in the order of the rules."""

    @property
    def obligations(self) -> list[Obligation]:
        """What must be done besides; who cannot refuses the call."""

    @property
    def scores(self) -> dict[str, int | None]:
        """Every score, `None` where it could not be computed."""

    @property
    def shadow(self) -> list[Shadow]:
        """What the shadow rules that matched would have done."""

    @property
    def errors(self) -> list[Problem]:
        """The errors that were met."""

    @property
    def policy(self) -> str:
        """The digest of the plan that decided."""

    def to_json(self) -> str:
        """One line of JSON, as `tollgate eval` prints it."""

    def to_dict(self) -> WholeDecision: ...

@final
class Engine:
    """A policy with its data, ready to decide from any number of threads.

    Where JSON is expected, `str` and bytes are JSON, and anything else is a value that has one: `None`, `bool`, `int`, `float`, `str`, `Decimal`,
    `datetime` with a time zone, and lists, tuples, sets and dicts of them.
    """

    @staticmethod
    def load(
        plan: bytes | bytearray | str | os.PathLike[str],
        *,
        input_bytes: int | None = None,
        depth: int | None = None,
        steps: int | None = None,
        data_bytes: int | None = None,
    ) -> Engine:
        """An engine for a plan, given as its bytes or as the path of its file; the other arguments are the limits of each decision.

        Raises `LoadError`, or `OSError` where the file cannot be read.
        """

    @property
    def policy(self) -> str:
        """The digest of the plan."""

    def unbound(self) -> list[str]:
        """The full names of data that must be bound before anything but `deny` is decided."""

    def set_data(self, name: str, value: JsonText | Json) -> None:
        """Binds data under its full name, or under its last part where that is unique. Decisions that run do not see it. Raises `DataError`."""

    def set_all(self, data: Mapping[str, JsonText | Json]) -> None:
        """Binds several data at once: all of them, or none where one does not fit. Raises `DataError`."""

    def decide(self, request: JsonText | Request, *, strict: bool = False) -> Decision:
        """Decides a request.

        What cannot be decided is denied, with an entry in the decision's errors: nothing is raised. With `strict`, `RequestError` is raised for it.
        """

    def refuse(self, message: str, *, path: str = "") -> Decision:
        """The deny of a request that the host could not make: where in it, empty for its root, and what is wrong."""

    def explain(self, request: JsonText | Request) -> Explanation:
        """The decision, with what became of every rule and the value of every condition. Slow."""

    def allowed_tools(self, request: JsonText | Request) -> list[ToolOutlook]:
        """What could become of each declared tool for the agent of a request, whose tool and arguments are passed over.

        A tool said to be denied always is. Raises `RequestError`.
        """

    def fork(self) -> Engine:
        """An engine of the same policy with the same data, whose data can then be replaced apart."""

    def session(self, facts: JsonText | Request | None = None) -> Session:
        """A conversation that begins with those facts, of the policy's type `Session`. Raises `DataError`."""

@final
class Session:
    """A conversation: it decides requests, which bring no `session` of their own, and remembers the calls that were made."""

    def decide(self, request: JsonText | Request, *, strict: bool = False) -> Decision:
        """Decides a request, as `Engine.decide` does."""

    def refuse(self, message: str, *, path: str = "") -> Decision:
        """The deny of a request that the host could not make."""

    def record(self, request: JsonText | Request, effect: Effect, result: bytes | bytearray | memoryview | Json = None) -> None:
        """Remembers a call: what was decided of it, and what the tool gave, where it was called. A `str` is a tool's text, bytes are JSON.

        Raises `DataError`: then the conversation has a call that the policy does not know of, and must end.
        """

    def __len__(self) -> int: ...
