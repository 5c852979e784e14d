"""Markers of mails whose tips are stored."""

from tips.models import FetchedMail


class Markers:
    """Which mails of the box are tips already (`tips.mail.poll`)."""

    def known(self, digest: str) -> bool:
        return FetchedMail.objects.filter(digest=bytes.fromhex(digest)).exists()

    def remember(self, digest: str) -> None:
        FetchedMail.objects.create(digest=bytes.fromhex(digest))

    def forget(self, digest: str) -> None:
        FetchedMail.objects.filter(digest=bytes.fromhex(digest)).delete()

    def forget_all_but(self, left: frozenset[str]) -> None:
        """Mails that are gone from the box need none."""
        FetchedMail.objects.exclude(digest__in=[bytes.fromhex(digest) for digest in left]).delete()
