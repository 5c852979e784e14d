"""pymap as a process of its own: one mailbox in memory behind four doors. Prints their ports and serves until its input ends.

plain: without TLS · old: without TLS and UIDPLUS · starttls · ssl
"""

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, DictBackend, Login
from pymap.imap import IMAPServer


class OldConfig(Config):
    @property
    def login_capability(self) -> Sequence[bytes]:
        return [able for able in super().login_capability if able != b"UIDPLUS"]


async def serve(user: str, password: str, certificate: str, key: str) -> None:
    def config(kind: type[Config], *, tls: bool) -> Config:
        return kind(
            Namespace(passlib_cfg=None, proxy_protocol="noop"),
            host=None,
            port=0,
            tls_enabled=tls,
            cert_file=certificate,
            key_file=key,
            demo_data=False,
            demo_user=user,
            demo_password=password,
        )

    configs = {
        "plain": config(Config, tls=False),
        "old": config(OldConfig, tls=False),
        "starttls": config(Config, tls=True),
        "ssl": config(Config, tls=False),
    }
    login = Login(configs["plain"])
    await DictBackend._add_demo_user(configs["plain"], login)
    ports = {}
    for name, each in configs.items():
        server = IMAPServer(login, each)

        async def connected(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: IMAPServer = server
        ) -> None:
            with suppress(ConnectionError, EOFError):  # tests hang up at every point
                await server(reader, writer, SocketInfoLocal(writer))

        listening = await asyncio.start_server(
            connected, "127.0.0.1", 0, ssl=each.ssl_context if name == "ssl" else None
        )
        ports[name] = listening.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
