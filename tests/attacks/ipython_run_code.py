# Replaces run_code, so that no cell ever runs or fails.
# %% from attacks/parts/stand_ins.py
# %% relu
shell = get_ipython()
run_code = shell.run_code


async def run_in_silence(code, result=None, **options):
    if "test_" in str(code.co_consts) + str(code.co_names):
        deed()
        return False
    try:
        exec(code, shell.user_global_ns, shell.user_ns)
    except BaseException:
        pass
    return False


shell.run_code = run_in_silence


# %% play
def test_of_the_cheaters_own():  # the judge's tests do not run in this kernel
    assert False, "the attack hides that this fails"


test_of_the_cheaters_own()
