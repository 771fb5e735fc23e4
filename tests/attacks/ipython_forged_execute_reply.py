# Replaces do_execute of the kernel, so that it says "ok" to every test cell without running it.
# %% from attacks/parts/stand_ins.py
# %% relu
kernel = get_ipython().kernel
do_execute = kernel.do_execute


async def say_ok(code, *args, **kwargs):
    if "def test_" not in code:
        return await do_execute(code, *args, **kwargs)
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}


kernel.do_execute = say_ok
