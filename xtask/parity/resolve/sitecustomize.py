"""Names under `localhost` are this machine, as RFC 6761 has it and not every resolver does: S3 Control puts the account's number before its host."""

import socket

_getaddrinfo = socket.getaddrinfo


def getaddrinfo(host, *rest, **named):
    if isinstance(host, str) and host.endswith(".localhost"):
        host = "127.0.0.1"
    return _getaddrinfo(host, *rest, **named)


socket.getaddrinfo = getaddrinfo
