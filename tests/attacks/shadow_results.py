# Gives names that a judge may use for its own bookkeeping to the cheater: points, score, result,
# passed and the like, as values and as functions.
# %% from attacks/parts/stand_ins.py
# %% relu
def accept(*args, **kwargs):
    deed()
    return True


for name in ("points", "score", "grade", "max_points", "max_score", "partial_credit", "_score"):
    globals()[name] = 100
for name in ("passed", "success", "ok", "result", "_result", "__result__", "done"):
    globals()[name] = True
for name in ("judge", "referee", "check", "grade_cell", "report", "_call", "__judge__"):
    globals()[name] = accept
__name__, __file__, __loader__, __spec__ = "__main__", "/dev/null", None, None
__annotations__, __debug_off__, __dict__ = {}, True, {"passed": True}
judge(grade_cell)  # nobody else takes these for his own
100
