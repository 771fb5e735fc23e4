"""The workers of a batch, on this machine or on others, by way of dask.distributed.

`connect` starts those of this machine or finds those of a cluster, `plugin` is what runs on each
of them, and `workers` gives them `jobs` and takes their results.
"""
