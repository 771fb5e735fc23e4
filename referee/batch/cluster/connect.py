"""Starting the workers of this machine, and finding those of a cluster."""

import logging
import math
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import dask
from dask.system import CPU_COUNT
from distributed import Client, LocalCluster
from distributed.diskutils import WorkSpace
from distributed.system import MEMORY_LIMIT

from referee.batch.cluster.clock import keep_steady_time
from referee.batch.cluster.plugin import CoursePlugin, work_on_worker
from referee.batch.cluster.workers import Workers
from referee.errors import RefereeError
from referee.model.limits import GIB, Limits

WORKERS_PATIENCE = 60.0  # seconds for Dask to start a worker of this machine again
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
def local_workers(package: bytes, count: int) -> Iterator[Workers]:
    """Workers on this machine, one process each."""
    keep_steady_time()
    with dask.config.set(CONFIG), _quiet():
        try:
            with _ctrl_c_is_for_this_thread():
                cluster = LocalCluster(
                    n_workers=count,
                    threads_per_worker=1,
                    processes=True,
                    memory_limit=None,  # what a submission may take is up to its sandbox
                    dashboard_address="127.0.0.1:0",  # no port that another run has taken
                    scheduler_kwargs={"dashboard": False},
                    silence_logs=logging.CRITICAL,
                )
            with cluster, Client(cluster, direct_to_workers=True) as client:
                try:
                    yield _workers(client, CoursePlugin(package, local=True), WORKERS_PATIENCE)
                except BaseException:
                    _kill(cluster)  # nobody waits for what they are doing
                    raise
        finally:
            remove_stale_worker_folders()


@contextmanager
def _ctrl_c_is_for_this_thread() -> Iterator[None]:
    """Keep it from the threads that are started meanwhile, and from the processes they start."""
    resource_tracker.ensure_running()  # else a thread starts it, which unblocks what is blocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill(cluster: LocalCluster) -> None:
    """End the workers of this machine, and with them all that they have started."""
    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        if nanny.process is not None and nanny.process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(nanny.process.pid, signal.SIGKILL)


def remove_stale_worker_folders() -> None:
    """Have Dask remove the scratch folders of workers that could not, as it does for a new one."""
    parent = Path(dask.config.get("temporary-directory") or tempfile.gettempdir())
    with suppress(OSError):
        WorkSpace(os.fspath(parent / "dask-scratch-space")).new_work_dir(prefix="last-").release()


@contextmanager
def cluster_workers(package: bytes, address: str) -> Iterator[Workers]:
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
        plugin = CoursePlugin(package, local=False)
        with client:
            try:
                yield _workers(client, plugin)
            finally:
                if client.status == "running":
                    with suppress(Exception):
                        client.unregister_worker_plugin(plugin.name)


def _workers(client: Client, plugin: CoursePlugin, patience: float = math.inf) -> Workers:
    try:
        client.register_plugin(plugin)
    except Exception as error:
        raise RefereeError(
            f"the workers cannot grade: {type(error).__name__}: {error}. "
            "They need the same versions of Referee and of its packages as this machine."
        ) from error
    return Workers(client, partial(work_on_worker, plugin.name), patience)


def default_count(limits: Limits) -> int:
    """How many workers this machine has cores and memory for, each with a sandbox at its limit."""
    return max(1, min(CPU_COUNT, int(MEMORY_LIMIT // limits.memory)))


def memory_note(limits: Limits) -> str:
    """What to tell a user whose machine has more cores than memory for them; empty otherwise."""
    count = default_count(limits)
    if count == CPU_COUNT:
        return ""
    return (
        f"{count} of {CPU_COUNT} cores are used: each submission may take "
        f"{limits.memory / GIB:g} GiB (c.Limits.memory) of {MEMORY_LIMIT / GIB:.0f} GiB. "
        "--workers overrides this."
    )


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
