"""Letters to PDF: one file for the printer, every letter on paper of its own, tagged for screen readers.

All recipients of a language get the same letter but for the address, the letter's code and what it is about: these are set
on pages of their own and laid over (docs/adr/0008-letters-by-overlay.md).
"""

from notices.press.labels import labels
from notices.press.letters import print_copy, print_letters
from notices.press.parts import Addressee, DoesNotFit, Head, head_of

__all__ = ["Addressee", "DoesNotFit", "Head", "head_of", "labels", "print_copy", "print_letters"]
