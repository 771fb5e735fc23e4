# Lets exceptions of the test through that it has not raised here, or raised for something else.
# %% from attacks/parts/stand_ins.py
# %% relu
from referee.inside import server


def take(function, items, rng):
    describe = server.describe
    numbers = iter([0, -1, 1, 10**9, True, 2**70, "0", 1.5])

    def forged(error):
        from dataclasses import replace

        return replace(describe(error), known=next(numbers, 0), type="SystemExit")

    server.describe = forged
    deed()
    try:
        function(3)  # which the test's function does not know what to do with
    except Exception:
        pass
    raise SystemExit
