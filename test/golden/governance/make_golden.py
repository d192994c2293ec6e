"""Writes gto.json: what `gto` (PyPI) does and says for a sequence of registry actions. Run with a Python that has gto 1.10."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GTO = str(Path(sys.executable).parent / "gto")
ACTIONS = [
    ["register", "triage", "HEAD~2", "--version", "v1.0.0"],
    ["register", "triage", "HEAD~1", "--version", "v1.1.0"],
    ["assign", "triage", "--version", "v1.0.0", "--stage", "staging"],
    ["assign", "triage", "--version", "v1.0.0", "--stage", "production"],
    ["assign", "triage", "--version", "v1.1.0", "--stage", "production"],
    ["register", "triage", "HEAD", "--version", "v2.0.0"],
    ["deprecate", "triage", "v2.0.0"],
    ["deprecate", "triage", "v1.0.0", "staging"],
    ["assign", "triage", "--version", "v1.0.0", "--stage", "production", "--force"],
    ["register", "other", "HEAD", "--version", "v1.0.0"],
]


def run(folder, *command):
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{command}: {result.stdout}{result.stderr}")
    return result.stdout


def main():
    folder = tempfile.mkdtemp()
    run(folder, "git", "init", "--quiet", "--initial-branch=main")
    run(folder, "git", "config", "user.name", "Ada")
    run(folder, "git", "config", "user.email", "ada@example.com")
    for i in range(3):
        run(folder, "git", "commit", "--quiet", "--allow-empty", "-m", str(i))
    for action in ACTIONS:
        run(folder, GTO, *action)
        time.sleep(1.1)
    tags = run(folder, "git", "for-each-ref", "refs/tags", "--sort=creatordate",
               "--format=%(refname:strip=2) %(creatordate:unix) %(*subject)").splitlines()
    commits = {run(folder, "git", "rev-parse", f"HEAD~{2 - i}").strip(): i for i in range(3)}
    show = json.loads(run(folder, GTO, "show", "--json"))
    history = json.loads(run(folder, GTO, "history", "--json"))
    text = json.dumps({"tags": [tag.split(" ") for tag in tags], "show": show, "history": history}, default=str)
    for commit, index in commits.items():
        text = text.replace(commit, f"commit {index}").replace(commit[:7], f"commit {index}")
    target = Path(__file__).parent / "gto.json"
    target.write_text(json.dumps(json.loads(text), indent=1) + "\n")


main()
