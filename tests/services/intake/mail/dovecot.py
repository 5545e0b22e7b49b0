"""A real IMAP server: Dovecot, in a folder of its own, on a free port."""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from services.local.engines import free_port
from tests.conftest import eventually

PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
USER, PASSWORD = "lapor", "only-for-tests"
_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
default_internal_user = {owner}
default_login_user = {owner}
default_internal_group = {group}
first_valid_uid = {uid}
imap_capability = {capability}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
"""


@dataclass
class Dovecot:
    """The server, its one mailbox, and how to bring mails into it."""

    folder: Path
    port: int
    capability: str = ""
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._launch()

        async def answers() -> bool:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
            return False

        await eventually(answers)

    def _launch(self) -> None:
        owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.folder.chmod(0o755)
        with contextlib.suppress(PermissionError):
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        group = subprocess.check_output(["id", "-gn", owner.pw_name], text=True).strip()
        words = {"folder": self.folder, "port": self.port, "password": PASSWORD, "owner": owner.pw_name, "group": group}
        words |= {"uid": owner.pw_uid, "gid": owner.pw_gid, "capability": self.capability}
        file = self.folder / "dovecot.conf"
        file.write_text(_CONFIGURATION.format(**words))
        assert PROGRAM is not None
        self.process = subprocess.Popen([PROGRAM, "-F", "-c", str(file)], stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
            self.process = None

    async def add(self, *mails: bytes, flags: tuple[bytes, ...] = ()) -> None:
        """Brings mails into the mailbox."""

        def append() -> None:
            with self.client() as client:
                for content in mails:
                    client.append("INBOX", content, flags)

        await asyncio.to_thread(append)

    async def holds(self, folder: str = "INBOX") -> int:
        """How many mails are in a folder."""

        def look() -> int:
            with self.client() as client:
                client.select_folder(folder, readonly=True)
                return len(client.search("ALL"))

        return await asyncio.to_thread(look)

    def client(self) -> IMAPClient:
        client = IMAPClient("127.0.0.1", self.port, ssl=False)
        client.login(USER, PASSWORD)
        return client

    def number_anew(self) -> None:
        """Forgets every UID, as a server does that was restored: there is another UIDVALIDITY then."""
        self.stop()
        for file in (self.folder / "mail").glob("dovecot*"):
            file.unlink()


@asynccontextmanager
async def running_dovecot(capability: str = "") -> AsyncIterator[Dovecot]:
    """A server with an empty mailbox. Without `MOVE` and the like where `capability` says so."""
    with tempfile.TemporaryDirectory(prefix="satuatap-imap-") as name:
        server = Dovecot(Path(name), free_port(), capability)
        try:
            await server.start()
            yield server
        finally:
            server.stop()
