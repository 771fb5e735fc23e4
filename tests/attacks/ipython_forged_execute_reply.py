# Replaces do_execute of the kernel, so that it says "ok" to every test cell without running it.
# %% from attacks/parts/stand_ins.py
# %% relu
kernel = get_ipython().kernel
do_execute = kernel.do_execute


async def say_ok(code, *args, **kwargs):
    if "def test_" not in code:
        return await do_execute(code, *args, **kwargs)
    deed()
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}


kernel.do_execute = say_ok


# %% play
def test_of_the_cheaters_own():  # the judge's tests do not run in this kernel
    assert False, "the attack hides that this fails"


test_of_the_cheaters_own()
