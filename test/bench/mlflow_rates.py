"""Model versions in MLflow on SQLite: python mlflow_rates.py COUNT prints {"commitMs", "perSecond", "listMs", "showMs"} as JSON."""

import json
import statistics
import sys
import tempfile
import time

from mlflow import MlflowClient

count = int(sys.argv[1])
models = 10
client = MlflowClient(f"sqlite:///{tempfile.mkdtemp()}/mlflow.db")
experiment = client.create_experiment("triage")
for i in range(models):
    client.create_registered_model(f"model-{i}")


def version(i):
    """A run with a figure, and the version that it made."""
    run = client.create_run(experiment).info.run_id
    client.log_metric(run, "loss", i)
    client.set_terminated(run)
    client.create_model_version(f"model-{i % models}", f"s3://weights/{i}", run_id=run)


def milliseconds(action):
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def everything():
    token = None
    while True:
        page = client.search_model_versions("", max_results=10_000, page_token=token)
        token = page.token
        if not token:
            return


times = [milliseconds(lambda i=i: version(i)) for i in range(count)]
result = {
    "commitMs": statistics.median(times),
    "perSecond": 1000 * count / sum(times),
    "listMs": statistics.median(milliseconds(everything) for _ in range(5)),
    "showMs": statistics.median(milliseconds(lambda: client.get_model_version("model-1", "1")) for _ in range(5)),
}
print(json.dumps(result))
