#!/usr/bin/env python3
"""Write the AgentDojo benchmark as traces that `tollgate-agentdojo-replay` decides.

    python3 examples/agentdojo/prepare.py

Makes a virtual environment in `prepared/venv`, installs the pinned `agentdojo` package
there, and writes, from the package alone and without any model:

    prepared/traces.jsonl        one session a line: the correct calls of every user task, and,
                                 for every pair of user task and injected attack that has calls,
                                 the user's calls up to the first poisoned read and then the attack's
    prepared/env/SUITE.env.json  what the user's systems knew before the session

Running it again replaces the traces and keeps the virtual environment.
"""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

PACKAGE = "agentdojo==0.1.35"
BENCHMARK = "v1.2.2"
OUT = Path(__file__).resolve().parent / "prepared"
VENV = OUT / "venv"


def main():
    if os.environ.get("TOLLGATE_AGENTDOJO_VENV") != str(VENV):
        return enter_venv()
    sessions = 0
    with open(OUT / "traces.jsonl.new", "w", encoding="utf-8") as out:
        for name, suite in suites().items():
            write_environment(name, suite)
            for trace in traces(name, suite):
                out.write(json.dumps(trace, ensure_ascii=False) + "\n")
                sessions += 1
    os.replace(OUT / "traces.jsonl.new", OUT / "traces.jsonl")
    print(f"{sessions} sessions written to {OUT / 'traces.jsonl'}")
    return 0


def enter_venv():
    """Run this file again inside the virtual environment, made first where it is missing."""
    if sys.version_info < (3, 10):
        sys.exit("prepare.py: Python 3.10 or later is needed")
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    marker = VENV / "installed"
    if not marker.exists() or marker.read_text() != PACKAGE:
        print(f"installing {PACKAGE} in {VENV}", file=sys.stderr)
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except (subprocess.CalledProcessError, OSError) as error:
            sys.exit(f"prepare.py: could not make a virtual environment in {VENV}: {error}")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run(pip + [PACKAGE]).returncode != 0:
            sys.exit(f"prepare.py: pip could not install {PACKAGE}; see its message above")
        marker.write_text(PACKAGE)
    inside = dict(os.environ, TOLLGATE_AGENTDOJO_VENV=str(VENV), PYTHONHASHSEED="0")
    return subprocess.run([str(python), str(Path(__file__).resolve())], env=inside).returncode


def suites():
    from agentdojo.task_suite import get_suites

    return get_suites(BENCHMARK)


def traces(name, suite):
    """Every benign session of a suite, then every attacked one."""
    plain = suite.load_and_inject_default_environment({})
    clean = {task_id: run(suite, task, plain) for task_id, task in suite.user_tasks.items()}
    for task_id, calls in clean.items():
        yield session(name, task_id, None, suite.user_tasks[task_id].PROMPT, calls)
    for injection_id, injection in suite.injection_tasks.items():
        vectors = suite.get_injection_vector_defaults()
        poisoned = suite.load_and_inject_default_environment(dict.fromkeys(vectors, injection.GOAL))
        attack = injection.ground_truth(poisoned.model_copy(deep=True))
        for task_id, task in suite.user_tasks.items() if attack else ():
            read = first_poisoned_read(clean[task_id], run(suite, task, poisoned))
            if read is not None:
                calls = run(suite, task, poisoned, attack, keep=read + 1)
                yield session(name, task_id, injection_id, task.PROMPT, calls)


def first_poisoned_read(clean, poisoned):
    """The first call whose result differs, because it shows the attacker's text."""
    pairs = enumerate(zip(clean, poisoned))
    return next((i for i, (a, b) in pairs if a["result"] != b["result"]), None)


def session(suite, user_task, injection_task, prompt, calls):
    return {
        "suite": suite,
        "user_task": user_task,
        "injection_task": injection_task,
        "prompt": prompt,
        "calls": calls,
    }


def run(suite, task, environment, attack=(), keep=None):
    """The first `keep` calls of a task, then an attack's, with the results the tools give."""
    from agentdojo.agent_pipeline.tool_execution import tool_result_to_str
    from agentdojo.functions_runtime import FunctionsRuntime

    environment = task.init_environment(environment.model_copy(deep=True))
    runtime = FunctionsRuntime(suite.tools)
    planned = [(call, False) for call in task.ground_truth(environment.model_copy(deep=True))]
    planned = planned[:keep] + [(call, True) for call in attack]
    calls = []
    for call, by_attacker in planned:
        args = json.loads(json.dumps(dict(call.args), default=str))
        result, error = runtime.run_function(environment, call.function, dict(call.args))
        text = tool_result_to_str(result) if error is None else error
        calls.append({"tool": call.function, "args": args, "result": text, "attacker": by_attacker})
    return calls


def write_environment(name, suite):
    environment = suite.load_and_inject_default_environment({}).model_dump(mode="json")
    path = OUT / "env" / f"{name}.env.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(DIRECTORIES[name](environment), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def banking(env):
    account = env["bank_account"]
    paid = {t["recipient"] for t in account["transactions"] + account["scheduled_transactions"]}
    return {
        "own_iban": account["iban"],
        "balance": account["balance"],
        "known_recipient_ibans": sorted(paid - {account["iban"], "me"}),
    }


def slack(env):
    return {"users": env["slack"]["users"], "channels": env["slack"]["channels"]}


def travel(env):
    return {
        "user": env["user"],
        "account_email": env["inbox"]["account_email"],
        "calendar": env["calendar"]["events"],
    }


def workspace(env):
    keep = ("id_", "sender", "recipients", "subject", "status")
    mails = [{k: mail[k] for k in keep} for mail in env["inbox"]["emails"].values()]
    return {
        "account_email": env["inbox"]["account_email"],
        "emails": mails,
        "calendar": env["calendar"]["events"],
    }


DIRECTORIES = {"banking": banking, "slack": slack, "travel": travel, "workspace": workspace}

if __name__ == "__main__":
    sys.exit(main())
