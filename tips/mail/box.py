"""The mailbox of tips@, over IMAP.

Mail that a server files away on its own is out of our hands: Gmail keeps what is expunged from the inbox under "All Mail"
unless its IMAP settings say "Immediately delete the message forever", and some servers keep a Trash or backups. The
deployment guide says what to set; nothing here can see to it.
"""

import imaplib
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from django.utils.translation import gettext as _

from .clean import MOST_BYTES

Tls = Literal["ssl", "starttls", "none"]
LOCAL = ("localhost", "127.0.0.1", "::1")
_UIDVALIDITY = re.compile(rb"\d+")


class MailboxAway(Exception):
    """The mailbox cannot be used now; the text says what to do. Nothing of a mail or a password is in it or behind it."""


class MailRefused(Exception):
    """The server will not do this with this mail; the others are not concerned."""


class MailGone(MailRefused):
    """Somebody else has taken the mail out of the box."""


@dataclass
class MailBox:
    """`with MailBox(host=…, user=…, password=…) as box:` signs in and opens the folder."""

    host: str
    user: str
    password: str = field(repr=False)
    port: int | None = None
    tls: Tls = "ssl"
    folder: str = "INBOX"  # as the server lists it: what is not ASCII in IMAP's own UTF-7
    timeout: float = 30
    _imap: imaplib.IMAP4 | None = field(default=None, init=False, repr=False)
    _uidvalidity: int = field(default=0, init=False, repr=False)
    _flagged: set[int] = field(default_factory=set, init=False, repr=False)  # for deletion, by us

    def __post_init__(self) -> None:
        if self.tls not in ("ssl", "starttls", "none"):
            raise ValueError('TIP_IMAP_TLS must be "ssl", "starttls" or "none".')
        if self.tls == "none" and self.host not in LOCAL:
            raise ValueError(
                'TIP_IMAP_TLS may be "none" only for a mail server on this machine: tips would be readable on the way.'
            )
        if not (self.folder.isascii() and self.folder.isprintable()):
            raise ValueError("TIP_IMAP_FOLDER must be written as the server lists it, in ASCII.")

    def __enter__(self) -> Self:
        self._flagged = set()
        try:
            self._imap = self._asked(self._connect, self._unreachable())
            self._sign_in()
            self._open_folder()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def waiting(self) -> list[tuple[int, int]]:
        """UID and UIDVALIDITY of every mail, the oldest first; those too that are flagged as deleted: an earlier poll may
        have come so far and no further."""
        found = self._command(_("list the mails"), "UID", "SEARCH", "ALL")
        uids = sorted(int(uid) for line in found if isinstance(line, bytes) for uid in line.split())
        return [(uid, self._uidvalidity) for uid in uids]

    def fetch(self, uid: int) -> bytes:
        """The mail as it is, up to one byte more than clean_mail reads. It stays unread: a person may look into the box too."""
        found = self._command(_("hand out a mail"), "UID", "FETCH", str(uid), f"(UID BODY.PEEK[]<0.{MOST_BYTES + 1}>)")
        for answer in found:
            if isinstance(answer, tuple) and re.search(rb"\bBODY\[\]", answer[0], re.I):
                return bytes(answer[1])
        if uid in (known for known, _validity in self.waiting()):
            raise MailRefused(_("The mail server does not hand out this mail."))
        raise MailGone(_("The mail is no longer in the box."))

    def delete(self, uid: int) -> None:
        """Without UIDPLUS, EXPUNGE takes away every mail with the flag. So it waits until no other mail has it but those
        that we flagged ourselves; a mail that still waits is seen again by `waiting`."""
        self._command(_("delete a mail"), "UID", "STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
        self._flagged.add(uid)
        if "UIDPLUS" in self._server.capabilities:
            self._command(_("delete a mail"), "UID", "EXPUNGE", str(uid))
            return
        found = self._command(_("list the mails"), "UID", "SEARCH", "DELETED")
        flagged = {int(each) for line in found if isinstance(line, bytes) for each in line.split()}
        if flagged <= self._flagged:
            self._command(_("delete a mail"), "EXPUNGE")

    @property
    def _server(self) -> imaplib.IMAP4:
        if self._imap is None:
            raise MailboxAway(_("The mailbox is not open."))
        return self._imap

    def _connect(self) -> imaplib.IMAP4:
        if self.tls == "ssl":
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(self.host, self.port or 993, ssl_context=context, timeout=self.timeout)
        server = imaplib.IMAP4(self.host, self.port or 143, timeout=self.timeout)
        try:
            if self.tls == "starttls":
                server.starttls(ssl.create_default_context())
        except BaseException:
            with suppress(OSError):  # a handshake that failed has closed it
                server.shutdown()
            raise
        return server

    def _sign_in(self) -> None:
        refused = _(
            "The mail server refuses the sign-in. Check TIP_IMAP_USER and TIP_IMAP_PASSWORD; some providers want a password "
            "made for this program (an app password), or IMAP switched on for the mailbox."
        )
        server = self._server
        self._asked(lambda: server._get_capabilities() if not server.capabilities else None, refused)  # type: ignore[attr-defined]
        if "AUTH=PLAIN" in server.capabilities:
            # Base64 takes any password; LOGIN only some.
            secret = f"\0{self.user}\0{self.password}".encode()
            self._asked(lambda: server.authenticate("PLAIN", lambda _challenge: secret), refused)
        else:
            self._asked(lambda: server.login(_quoted(self.user), self.password), refused)
        # What it can do is often more after signing in.
        self._asked(lambda: server._get_capabilities(), refused)  # type: ignore[attr-defined]

    def _open_folder(self) -> None:
        server = self._server
        words = _(
            "The folder of TIP_IMAP_FOLDER cannot be opened to read and delete. Check its name and the user's rights."
        )
        status, _exists = self._asked(lambda: server.select(_quoted(self.folder)), words)
        if status != "OK":
            raise MailboxAway(words)
        validity = server.response("UIDVALIDITY")[1]
        number = _UIDVALIDITY.search(validity[0]) if validity and isinstance(validity[0], bytes) else None
        if number is None:
            raise MailboxAway(
                _("The mail server numbers no mails for good (UIDVALIDITY); tips cannot be taken from it safely.")
            )
        self._uidvalidity = int(number.group())

    def _command(self, what: str, name: str, *arguments: str) -> list[Any]:
        """What the server answers. A refusal concerns one mail, whatever else the connection."""
        server = self._server
        refused = MailRefused(_("The mail server refuses to %(what)s. Check the user's rights.") % {"what": what})

        def ask() -> tuple[str, list[Any]]:
            if name == "UID":
                return server.uid(*arguments)
            return server.expunge()

        status, found = self._asked(ask, self._dropped(), refused)
        if status != "OK":
            raise refused
        return found

    def _asked(self, ask: Callable[[], Any], words: str, refused: Exception | None = None) -> Any:
        """The errors of the library quote the server, who may quote a mail; so they go no further, not even as a context."""
        problem: Exception
        try:
            return ask()
        except imaplib.IMAP4.abort:
            problem = MailboxAway(self._dropped() if self._imap else words)
        except imaplib.IMAP4.error:
            problem = refused or MailboxAway(words)
        except ssl.SSLCertVerificationError:
            problem = MailboxAway(
                _(
                    "The certificate of the mail server is not valid for %(host)s. Check TIP_IMAP_HOST, and that this "
                    "machine trusts who issued it."
                )
                % {"host": self.host}
            )
        except (
            OSError,
            EOFError,
            ValueError,
            AttributeError,
            LookupError,
            TypeError,
        ):  # half an answer confuses the library
            problem = MailboxAway(self._dropped() if self._imap else words)
        raise problem

    def _unreachable(self) -> str:
        return _(
            "The mail server %(host)s cannot be reached. Check TIP_IMAP_HOST, TIP_IMAP_PORT and TIP_IMAP_TLS, and the network. "
            "Mail waits there meanwhile."
        ) % {"host": self.host}

    def _dropped(self) -> str:
        return _(
            "The mail server ended the connection half-way or did not answer in time. Nothing is lost; the next poll goes on."
        )

    def _close(self) -> None:
        server, self._imap = self._imap, None
        if server is not None:
            # Not CLOSE, which would expunge what others have flagged.
            try:
                server.logout()
            except (imaplib.IMAP4.error, OSError, EOFError, ValueError):
                with suppress(OSError):
                    server.shutdown()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
