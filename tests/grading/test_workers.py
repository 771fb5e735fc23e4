"""A run on a cluster does not wait for ever when its workers are gone."""

import pytest
from distributed import Client, LocalCluster

from referee.batch.cluster.workers import Workers
from referee.batch.jobs import Answer, Job, JobKind
from referee.errors import RefereeError


def test_run_without_workers_ends_with_an_error_that_says_what_to_do() -> None:
    jobs = iter([Job(JobKind.GRADE, "ada", b"")])
    said: list[str] = []
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        workers = Workers(client, lambda job: Answer("", b""), patience=1.0)
        with pytest.raises(RefereeError, match=r"no worker for 1 seconds.*run again"):
            list(workers.run(jobs, lambda: False, said.append))
