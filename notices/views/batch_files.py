"""What a batch gives out: a look at the letter, the PDF, labels, the mailing list and the manifest."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.cells import csv_response
from accounts.permissions import requires
from notices import exports
from notices.actions import batches as actions
from notices.fields import FieldError
from notices.models import Batch
from notices.permissions import WRITE_LETTERS
from notices.press import Addressee, DoesNotFit, labels
from notices.printing import addressee_of, draft_setting, on_paper, setting_of
from notices.queries.recipients import recipients
from notices.views.batches import found_batch

WITH_FILES = (Batch.Status.READY, Batch.Status.MAILED)
PREVIEWS = ("first", "longest")


@requires(WRITE_LETTERS)
@require_safe
@never_cache
def batch_preview(request: HttpRequest, letters_id: int, which: str) -> HttpResponse:
    """One letter as PDF, to the first address or to the longest, which must still fit the window."""
    if which not in PREVIEWS:
        raise Http404
    batch = found_batch(letters_id)
    try:
        setting = setting_of(batch) if batch.facts else draft_setting(batch)
    except FieldError as error:
        messages.error(request, str(error))
        return redirect("letters", batch.pk)
    addressees = addressees_of(batch)
    if not addressees:
        messages.error(request, _("Nobody would get a letter. Choose another area."))
        return redirect("letters", batch.pk)
    chosen = addressees[0] if which == "first" else max(addressees, key=lambda each: max(map(len, each.lines)))
    try:
        pdf = setting.print([chosen])
    except DoesNotFit as error:
        messages.error(request, str(error))
        return redirect("letters", batch.pk)
    name = f"{batch.code}-{chosen.number:04}-preview.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def addressees_of(batch: Batch) -> list[Addressee]:
    if batch.facts:
        return [addressee_of(letter) for letter in batch.letters.order_by("number")]
    found = recipients(batch).letters
    return [Addressee(number, tuple(each.lines), each.about, each.language) for number, each in enumerate(found, 1)]


@requires(WRITE_LETTERS)
@require_safe
@never_cache
def batch_file(request: HttpRequest, letters_id: int, what: str) -> HttpResponse:
    """A download, which the trail keeps."""
    batch = _made(letters_id)
    letters = batch.letters.order_by("number")
    if what == "letters.pdf":
        actions.note_export(by=request.user, batch=batch, what="letters")
        return FileResponse(batch.pdf.open("rb"), filename=f"{batch.code}.pdf", as_attachment=True)
    if what == "labels.pdf":
        actions.note_export(by=request.user, batch=batch, what="labels")
        sheet = labels([addressee_of(letter) for letter in on_paper(letters)])
        headers = {"Content-Disposition": f'attachment; filename="{batch.code}-labels.pdf"'}
        return HttpResponse(sheet, content_type="application/pdf", headers=headers)
    if what == "list.csv":
        actions.note_export(by=request.user, batch=batch, what="mailing list")
        return csv_response(f"{batch.code}-list.csv", exports.mailing_list(letters.iterator()))
    if what == "manifest.csv":
        actions.note_export(by=request.user, batch=batch, what="manifest")
        return csv_response(f"{batch.code}-manifest.csv", exports.manifest(batch, letters.iterator()))
    raise Http404


@requires(WRITE_LETTERS)
@require_safe
@never_cache
def batch_manifest(request: HttpRequest, letters_id: int) -> HttpResponse:
    """The manifest as a page to print and file."""
    batch = _made(letters_id)
    actions.note_export(by=request.user, batch=batch, what="manifest")
    context = {"batch": batch, "letters": batch.letters.order_by("number")}
    return render(request, "notices/batches/manifest.html", context)


def _made(letters_id: int) -> Batch:
    batch = found_batch(letters_id)
    if batch.status not in WITH_FILES:
        raise Http404
    return batch
