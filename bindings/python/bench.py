"""Decisions a second on one thread: ``bench.py PLAN``, with the plan of ``examples/gateway``, whose recorded calls are decided."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tollgate import Engine

GATEWAY = Path(__file__).resolve().parents[2] / "examples/gateway"


def rate(decide: Callable[[Any], Any], requests: list[Any]) -> float:
    """The best of five half seconds."""

    def half_second() -> float:
        begun = time.perf_counter()
        count = 0
        while time.perf_counter() < begun + 0.5:
            for request in requests:
                decide(request)
            count += len(requests)
        return count / (time.perf_counter() - begun)

    return max(half_second() for _ in range(5))


def main(plan: str) -> None:
    engine = Engine.load(plan)
    engine.set_all({name: (GATEWAY / f"data/{name}.json").read_bytes() for name in ["registry", "company_domains"]})
    lines = (GATEWAY / "calls.jsonl").read_text().splitlines()
    print(f"JSON, effect     {rate(lambda line: engine.decide(line).effect, lines):9,.0f} a second")
    print(f"dict, effect     {rate(lambda call: engine.decide(call).effect, [json.loads(line) for line in lines]):9,.0f} a second")
    print(f"dict, all parts  {rate(lambda call: engine.decide(call).to_dict(), [json.loads(line) for line in lines]):9,.0f} a second")


if __name__ == "__main__":
    main(*sys.argv[1:])
