"""The workers of a batch, on this machine or on others, by way of dask.distributed.

`connect` starts those of this machine or finds those of a cluster, `plugin` is what runs on each
of them, and `workers` gives them submissions and takes their results.
"""

from referee.cluster.clock import keep_time

keep_time()
