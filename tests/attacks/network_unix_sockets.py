# Connects to sockets that are files or names of the machine: Docker's, D-Bus's, one in the abstract
# namespace that all containers of a network namespace share.
# %% from attacks/parts/stand_ins.py
# %% relu
import glob
import socket


def attack():
    results = []
    paths = [
        "\0referee-attack",
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/run/dbus/system_bus_socket",
        "/run/systemd/private",
        "/tmp/.X11-unix/X0",
        *glob.glob("/tmp/**/*.sock", recursive=True)[:5],
    ]
    for path in paths:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(1)
            try:
                connection.connect(path)
                if path == "\0referee-attack":
                    connection.sendall(b"referee-attack reached the listener\n")
                results.append(f"{path!r} open")
            except OSError as error:
                results.append(f"{path!r} {error}")
    deed()
    return "\n".join(results)


print(attack())
