from notices.models.batches import Batch, Exclusion, Letter
from notices.models.mail import ListImport, ListReject, Mailbox, OptOut, Owner, Ownership
from notices.models.media import Publication, PublicProject, PublicStatus, Release
from notices.models.meetings import (
    Agreement,
    Attendee,
    Checkpoint,
    HelpRequest,
    Issue,
    Meeting,
    MeetingRole,
    Reminder,
)
from notices.models.templates import LetterTemplate, TemplateVersion

__all__ = [
    "Agreement",
    "Attendee",
    "Batch",
    "Checkpoint",
    "Exclusion",
    "HelpRequest",
    "Issue",
    "Letter",
    "LetterTemplate",
    "ListImport",
    "ListReject",
    "Mailbox",
    "Meeting",
    "MeetingRole",
    "OptOut",
    "Owner",
    "Ownership",
    "PublicProject",
    "PublicStatus",
    "Publication",
    "Release",
    "Reminder",
    "TemplateVersion",
]
