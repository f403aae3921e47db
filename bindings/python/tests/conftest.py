"""The policies of the examples, compiled by the command: `TOLLGATE_BIN`, or what cargo builds."""

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tollgate import Engine

ROOT = Path(__file__).resolve().parents[3]

Tollgate = Callable[..., str]


@pytest.fixture(scope="session")
def tollgate() -> Tollgate:
    """The command, run in the repository: its output."""
    command = os.environ.get("TOLLGATE_BIN")
    program = [command] if command else shlex.split("cargo run -q -p tollgate --")

    def run(*arguments: str) -> str:
        return subprocess.run([*program, *arguments], cwd=ROOT, capture_output=True, check=True, text=True).stdout

    return run


@pytest.fixture(scope="session")
def gateway_plan(tollgate: Tollgate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = tmp_path_factory.mktemp("plans") / "gateway.plan"
    tollgate("build", "-o", str(plan), "examples/gateway")
    return plan


@pytest.fixture(scope="session")
def assistant_plan(tollgate: Tollgate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = tmp_path_factory.mktemp("plans") / "assistant.plan"
    tollgate("build", "-o", str(plan), "examples/embed/policies")
    return plan


@pytest.fixture
def gateway(gateway_plan: Path) -> Engine:
    engine = Engine.load(gateway_plan)
    data = ROOT / "examples/gateway/data"
    engine.set_all({name: (data / f"{name}.json").read_bytes() for name in ["registry", "company_domains"]})
    return engine


@pytest.fixture
def assistant(assistant_plan: Path) -> Engine:
    engine = Engine.load(assistant_plan)
    engine.set_data("staff_domains", ["corp.example"])
    return engine


@pytest.fixture(scope="session")
def calls() -> list[str]:
    return (ROOT / "examples/gateway/calls.jsonl").read_text().splitlines()
