"""The workers of a cluster, by way of dask.distributed.

`connect` finds them, `plugin` is what runs on each of them, and `workers` gives them jobs and takes
their results.
"""
