# Connects to services of the machine on 127.0.0.1, where graders, databases and Jupyter listen, and sends
# them what it knows.
# %% from attacks/parts/stand_ins.py
# %% relu
import socket


def attack():
    results = []
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for port in (45671, 8888, 5432):
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                connection.settimeout(1)
                try:
                    connection.connect((host, port))
                    if port == 45671:
                        connection.sendall(b"referee-attack reached the listener\n")
                    results.append(f"{host} {port} open")
                except OSError as error:
                    results.append(f"{host} {port} {error}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        try:
            connection.sendto(b"referee-attack", ("127.0.0.1", 45671))
            results.append("datagram sent")
        except OSError as error:
            results.append(str(error))
    deed()
    return "\n".join(results)


print(attack())
