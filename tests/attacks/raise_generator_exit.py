# Raises GeneratorExit and asyncio's CancelledError, which many handlers of exceptions let through.
# %% from attacks/parts/stand_ins.py
# %% relu
import asyncio


def lie(result):
    deed()
    raise asyncio.CancelledError if np.ndim(result) else GeneratorExit
