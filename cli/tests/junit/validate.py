#!/usr/bin/env python3
"""Hold `tollgate test --format junit` to the XML schema that build servers go by.

    python3 cli/tests/junit/validate.py TOLLGATE

TOLLGATE is the built command. The schema is that of Jenkins' xUnit plugin, which
pytest's source package carries for tests of its own; it and a validator are fetched
as packages of pinned versions and thrown away afterwards. Ends with 1 where a
document does not fit, or where the packages cannot be had.
"""

import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

SCHEMA_PACKAGE = "pytest==8.3.4"
SCHEMA = "testing/example_scripts/junit-10.xsd"
VALIDATOR = "xmlschema==3.4.5"
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]

# Arguments, and the exit code. The project's tests pass, fail, are left out, and have titles full of markup; policies have errors.
RUNS = [
    (["examples/agentdojo"], 0),
    (["examples/embed/policies"], 0),
    (["examples/gateway"], 0),
    (["examples/registry"], 0),
    ([HERE / "project", "--cases", HERE / "project/c.jsonl"], 1),
    ([HERE / "project", "--fail-fast", "--jobs", "1"], 1),
    ([HERE / "broken"], 1),
]

VALIDATE = """
import sys, xmlschema
schema = xmlschema.XMLSchema10(sys.argv[1])
for document in sys.argv[2:]:
    for error in schema.iter_errors(document):
        sys.exit(f"{document}: {error.path}: {error.reason}")
"""


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        python, schema = fetch(folder)
        documents = [write(folder / f"{number}.xml", *run) for number, run in enumerate(RUNS)]
        misfit = misfit_of(python, schema, documents)
        if misfit:
            sys.exit(f"validate.py: the JUnit format does not fit its schema: {misfit}")
        # A check that lets everything pass would say the same.
        broken = folder / "broken.xml"
        broken.write_text(documents[0].read_text(encoding="utf-8").replace("<testcase ", "<test "), encoding="utf-8")
        if not misfit_of(python, schema, [broken]):
            sys.exit("validate.py: the schema takes what it must not")
    print(f"{len(documents)} documents fit the JUnit schema")


def fetch(folder):
    """A Python with the validator, and the schema."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    for arguments in (["install", VALIDATOR], ["download", "--no-deps", "--no-binary", "pytest", "--dest", folder, SCHEMA_PACKAGE]):
        if subprocess.run(pip + arguments).returncode != 0:
            sys.exit(f"validate.py: could not get {arguments[-1]} from the package registry; see pip's message above")
    [archive] = folder.glob("pytest-*.tar.gz")
    with tarfile.open(archive) as package:
        member = next(member for member in package if member.name.endswith(SCHEMA))
        schema = folder / "junit.xsd"
        schema.write_bytes(package.extractfile(member).read())
    return python, schema


def write(document, arguments, expected):
    """What a run of the tests prints, in a file."""
    command = [sys.argv[1], "test", "--format", "junit", *map(str, arguments)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True)
    if run.returncode != expected or not run.stdout:
        sys.exit(f"validate.py: {command} ended with {run.returncode}, not {expected}: {run.stderr.decode()}")
    document.write_bytes(run.stdout)
    return document


def misfit_of(python, schema, documents):
    """What the validator has against the documents; nothing where all of them fit."""
    run = subprocess.run([python, "-c", VALIDATE, schema, *documents], capture_output=True, text=True)
    return "" if run.returncode == 0 else run.stderr or "the validator failed"


main()
