"""Checks the exported documents beside it with the official parsers: cyclonedx-python-lib[json-validation], huggingface_hub, openlineage-python."""

import json
import re
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from huggingface_hub import ModelCard
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

folder = Path(__file__).parent

errors = JsonStrictValidator(SchemaVersion.V1_6).validate_str((folder / "cyclonedx.json").read_text())
assert errors is None, errors

card = ModelCard.load(folder / "card.md")
assert card.data.eval_results[0].metric_value == 0.9, card.data.eval_results
assert card.data.base_model == "models/base"

for line in (folder / "openlineage.jsonl").read_text().splitlines():
    event = json.loads(line)
    RunEvent(
        eventTime=event["eventTime"],
        run=Run(runId=event["run"]["runId"]),
        job=Job(**event["job"]),
        eventType=RunState[event["eventType"]],
        producer=event["producer"],
    )

assert len(re.findall(r"^## [1-9]\. ", (folder / "annex-iv.md").read_text(), re.M)) == 9
print("valid")
