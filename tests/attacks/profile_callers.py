# Sets a profile function and, where there is one, a monitor of sys.monitoring: they see each return
# of a test's function, and change what numpy.testing is called with.
# %% from attacks/parts/stand_ins.py
# %% relu
import sys
import threading

seen = []


def profile(frame, event, argument):
    if frame.f_code.co_name.startswith(("test_", "assert_")):
        seen.append(repr((event, frame.f_locals))[:600])
        for name in ("desired", "expected"):
            if isinstance(frame.f_locals.get(name), np.ndarray):
                frame.f_locals[name][...] = frame.f_locals.get("actual", 0)
                deed()


def attack():
    sys.setprofile(profile)
    in_threads = getattr(threading, "setprofile_all_threads", threading.setprofile)
    in_threads(profile)  # all that there are, or in Python 3.11 those to come
    monitoring = getattr(sys, "monitoring", None)
    if monitoring and not monitoring.get_tool(3):
        monitoring.use_tool_id(3, "cheater")
        monitoring.register_callback(
            3,
            monitoring.events.PY_START,
            lambda code, offset: seen.append(repr(code.co_consts)[:300]),
        )
        monitoring.set_events(3, monitoring.events.PY_START)
    return "\n".join(seen[-5:])


print(attack())
npt.assert_allclose(np.zeros(1), np.ones(1))  # no test runs in this process; this is like one
