"""Finding the workers of a cluster."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import dask
from distributed import Client

from referee.batch.cluster.clock import keep_steady_time
from referee.batch.cluster.plugin import CoursePlugin, work_on_worker
from referee.batch.cluster.workers import Workers
from referee.errors import RefereeError
from referee.model.limits import Limits

WORKERS_PATIENCE = 3600.0  # seconds without any worker until a run ends; a queue may be long
CONNECT_PATIENCE = 15.0  # seconds for a scheduler to answer
CONFIG: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": 2,  # deaths of workers that one submission may see
    # The clock may jump, by a laptop's sleep for example: that is no sign that workers are dead.
    "distributed.scheduler.worker-ttl": None,
    "distributed.admin.large-graph-warning-threshold": "1GB",
    # Each message to a worker has a submission in it, and the last ones to each worker are kept.
    "distributed.admin.low-level-log-length": 10,
    # What Dask does all the time to watch itself took a twentieth of two cores.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick": {"interval": "10s", "cycle": "60s", "limit": "1h"},
    "distributed.admin.system-monitor.interval": "60s",
    "distributed.deploy.cluster-repr-interval": "1h",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,  # no worker ever has a submission to spare
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


@contextmanager
def cluster_workers(package: bytes, limits: Limits, address: str) -> Iterator[Workers]:
    """The workers of a Dask cluster, by its scheduler's address.

    Raises:
        RefereeError: there is no scheduler, or its workers cannot grade.

    """
    keep_steady_time()
    with dask.config.set(CONFIG), _quiet():
        try:
            client = Client(address, timeout=CONNECT_PATIENCE)
        except (OSError, ValueError) as error:
            raise RefereeError(
                f"there is no Dask scheduler at {address}: {error}. "
                "Start one with `dask scheduler`, and workers with `dask worker ADDRESS`."
            ) from error
        plugin = CoursePlugin(package, limits.values())
        with client:
            try:
                yield _workers(client, plugin)
            finally:
                if client.status == "running":
                    with suppress(Exception):
                        client.unregister_worker_plugin(plugin.name)


def _workers(client: Client, plugin: CoursePlugin) -> Workers:
    try:
        client.register_plugin(plugin)
    except Exception as error:
        raise RefereeError(
            f"the workers cannot grade: {type(error).__name__}: {error}. "
            "They need the same versions of Referee and of its packages as this machine."
        ) from error
    return Workers(client, partial(work_on_worker, plugin.name), WORKERS_PATIENCE)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's loggers from speaking; what matters is in the results."""
    names = ("distributed", "distributed.client", "tornado.application")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
