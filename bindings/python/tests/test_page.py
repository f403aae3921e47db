"""The Python of the page about the bindings runs, from top to bottom, and the types of everything are right."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT


def test_the_page(gateway_plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/bindings.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    (tmp_path / "policy.plan").write_bytes(gateway_plan.read_bytes())
    (tmp_path / "data").symlink_to(ROOT / "examples/gateway/data")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/bindings.md", "exec"), names)  # noqa: S102


def test_types() -> None:
    folder = ROOT / "bindings/python"
    mypy = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", "/dev/null"], cwd=folder, capture_output=True, text=True)
    assert mypy.returncode == 0, mypy.stdout + mypy.stderr
