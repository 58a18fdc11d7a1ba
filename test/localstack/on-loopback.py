"""LocalStack in this machine's own Python, out of reach of other machines, and with none of them in its reach."""

import sys
from functools import partial

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def refuse_other_machines(event, args):
    if event not in ("socket.connect", "socket.getaddrinfo"):
        return
    # A connection's address is a pair, or the path of a socket on this machine.
    address = args[0] if event == "socket.getaddrinfo" else args[1]
    host = address[0] if isinstance(address, tuple) else address
    if event == "socket.connect" and isinstance(address, (str, bytes)):
        return
    if host is not None and host not in LOOPBACK:
        raise ConnectionRefusedError(f"{host} is not this machine")


sys.addaudithook(refuse_other_machines)

from localstack.runtime import main  # noqa: E402
from twisted.internet import endpoints  # noqa: E402

# Of GATEWAY_LISTEN it takes the port alone, and would listen on every address.
endpoints.TCP4ServerEndpoint = partial(endpoints.TCP4ServerEndpoint, interface="127.0.0.1")

main.main()
