"""A mailbox over IMAP, by UIDs only: the numbers in a sequence belong to another mail as soon as one is moved.

All of it waits for the server, and is to be called from a thread.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from services.intake.models.mailboxes import Fetched, Numbering
from shared.consumer.failures import OurFault

_TIMEOUT = SocketTimeout(connect=10, read=60)
_SEEN, _DELETED = rb"\Seen", rb"\Deleted"
_BATCH = 50
_BATCH_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class MailboxAddress:
    """Where a mailbox is and who may read it. What was kept goes to `done_folder`, or is marked as read."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str
    folder: str
    done_folder: str

    @property
    def name(self) -> str:
        """As we call the mailbox. It stays the same when the password or the port does not."""
        return f"{self.user}@{self.host}/{self.folder}"


class LostMailbox(ConnectionError):
    """The server ended the connection, or answered what nobody expects."""


class Mailbox:
    """One connection, with the folder open. Its methods raise `OSError` when the server is away."""

    def __init__(self, address: MailboxAddress) -> None:
        """Connects. Raises `OurFault` if the server does not let us in."""
        self._address = address
        self._client = IMAPClient(address.host, address.port, ssl=address.is_tls, timeout=_TIMEOUT)
        self._is_idle = False
        try:
            self._client.login(address.user, address.password)
            self._abilities = frozenset(self._client.capabilities())
            if address.done_folder and not self._client.folder_exists(address.done_folder):
                self._client.create_folder(address.done_folder)
            opened = self._client.select_folder(address.folder)
        except LoginError:
            self.close()
            raise OurFault("The mailbox does not let us in: INTAKE_IMAP_USER, INTAKE_IMAP_PASSWORD.") from None
        except IMAPClientError as error:
            self.close()
            raise OurFault(f"The folder of INTAKE_IMAP_FOLDER cannot be opened ({type(error).__name__}).") from None
        self.numbering = Numbering(address.name, int(opened[b"UIDVALIDITY"]))

    def fetch(self, after: int, most_bytes: int) -> list[Fetched]:
        """The next mails after the UID `after`, in their order; of a longer mail than `most_bytes` its beginning."""
        self._wake()
        self._client.noop()  # else a server may look through what there was at the command before
        found = self._client.search(["UID", f"{after + 1}:*"])  # it always finds the last one, whatever its number
        return self._contents(sorted(uid for uid in found if uid > after)[:_BATCH], most_bytes)

    def look_for(self, uids: Sequence[int], most_bytes: int) -> tuple[list[Fetched], list[int]]:
        """Mails of these UIDs, as far as they are there; and which of the UIDs nobody has any more."""
        self._wake()
        self._client.noop()
        found = sorted({*self._client.search(["UID", ",".join(map(str, uids))])} & {*uids})
        return self._contents(found[:_BATCH], most_bytes), sorted({*uids} - {*found})

    def _contents(self, uids: Sequence[int], most_bytes: int) -> list[Fetched]:
        sizes = self._client.fetch(uids, ["RFC822.SIZE"]) if uids else {}
        mails: list[Fetched] = []
        room = _BATCH_BYTES
        for uid in uids:
            room -= min(sizes.get(uid, {}).get(b"RFC822.SIZE", 0), most_bytes)
            if mails and room < 0:
                break
            told = self._client.fetch([uid], [f"BODY.PEEK[]<0.{most_bytes}>"]).get(uid, {})
            content = next((value for name, value in told.items() if name.startswith(b"BODY[]")), None)
            if content is not None:  # else somebody took it away meanwhile
                mails.append(Fetched(uid, content, sha256(content).digest()))
        return mails

    def settle(self, uids: Sequence[int]) -> None:
        """Moves mails away, or marks them as read. Those that are not there any more are passed over."""
        self._wake()
        folder = self._address.done_folder
        if not folder:
            self._client.add_flags(uids, [_SEEN], silent=True)
        elif b"MOVE" in self._abilities:
            self._client.move(uids, folder)
        else:
            self._client.copy(uids, folder)
            self._client.add_flags(uids, [_SEEN, _DELETED], silent=True)
            if b"UIDPLUS" in self._abilities:
                self._client.uid_expunge(uids)

    def listen(self) -> None:
        """Has the server tell of what is new from now on, if it can (RFC 2177).

        What came since the last look may be told together with its consent, and is not heard then.
        """
        if b"IDLE" in self._abilities:
            self._client.idle()
            self._is_idle = True

    def wait(self, seconds: float) -> bool:
        """Waits for something new, at most so long. Whether there is; False from a server that tells nothing."""
        if not self._is_idle:
            time.sleep(seconds)
            return False
        began = time.monotonic()
        told = self._client.idle_check(timeout=seconds)
        if not told and time.monotonic() - began < seconds / 2:
            raise LostMailbox("The server ended the connection.")
        return bool(told)

    def _wake(self) -> None:
        if self._is_idle:
            self._is_idle = False
            self._client.idle_done()

    def close(self) -> None:
        """Lets go of the connection, in whatever state it is."""
        self._client.shutdown()
