# Looks up a name, lists the network devices, and opens sockets of unusual kinds: raw, packet, netlink,
# vsock; and listens itself, for the instructor's browser for instance.
# %% from attacks/parts/stand_ins.py
# %% relu
import socket


def attack():
    results = [str(socket.if_nameindex())]
    try:
        results.append(str(socket.getaddrinfo("localhost", 80)[:2]))
    except OSError as error:
        results.append(str(error))
    for name, family, kind, protocol in [
        ("raw", socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        ("packet", socket.AF_PACKET, socket.SOCK_RAW, 0),
        ("netlink", socket.AF_NETLINK, socket.SOCK_RAW, 0),
        ("vsock", getattr(socket, "AF_VSOCK", 40), socket.SOCK_STREAM, 0),
        ("stream", socket.AF_INET, socket.SOCK_STREAM, 0),
    ]:
        try:
            with socket.socket(family, kind, protocol) as made:
                if name == "stream":
                    made.bind(("127.0.0.1", 0))
                    made.listen()
                results.append(f"{name} made")
        except OSError as error:
            results.append(f"{name} {error}")
    deed()
    return "\n".join(results)


print(attack())
