"""A Ray cluster of this machine alone, until its input ends: head.py FOLDER PORT. Prints the address of its job server.

What it starts is killed with it by the system, however it ends. It takes no part of the machine that was not asked for:
two cores and two GPUs in its books, and a small object store.
"""

import sys
from functools import partial

import ray
from ray._private import parameter

folder, port = sys.argv[1], int(sys.argv[2])
# Neither the port that all clusters share nor what a cluster of one machine has no use for.
parameter.RayParams = partial(
    parameter.RayParams, dashboard_agent_listen_port=0, no_monitor=True, include_log_monitor=False
)
context = ray.init(
    address="local",
    num_cpus=2,
    num_gpus=2,
    _memory=2_000_000_000,
    object_store_memory=80_000_000,
    include_dashboard=True,
    dashboard_host="127.0.0.1",
    dashboard_port=port,
    log_to_driver=False,
    logging_level="ERROR",
    _temp_dir=folder,
)
print(f"dashboard {context.dashboard_url}", flush=True)
sys.stdin.read()
