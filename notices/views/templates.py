"""The letters that are written again and again: their words, how they read, and copies to hand out."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import record
from accounts.agency import current_agency
from accounts.models import AuditEntry
from accounts.permissions import can, check_can, requires
from hotspots.models import HotSpot
from notices import fields, letters
from notices.actions import templates as actions
from notices.forms.templates import CopyForm, NewTemplateForm, ShownForm, WordsForm
from notices.models import Batch, LetterTemplate, TemplateVersion
from notices.permissions import EDIT_TEMPLATES, SEE_LETTERS, WRITE_LETTERS
from notices.queries import templates as queries
from notices.readability import measure

TAKEN_ALONG = (LetterTemplate.Purpose.LEAVE_BEHIND, LetterTemplate.Purpose.TRESPASS)


@requires(SEE_LETTERS)
@require_safe
def letter_templates(request: HttpRequest) -> HttpResponse:
    context = {"templates": queries.listed(), "may_edit": can(request.user, EDIT_TEMPLATES)}
    return render(request, "notices/templates/list.html", context)


@requires(SEE_LETTERS)
@require_safe
def letter_template(request: HttpRequest, template_id: int) -> HttpResponse:
    """One letter as it reads, now or in an older version (`?version=1`)."""
    template = get_object_or_404(LetterTemplate, pk=template_id)
    versions = list(queries.versions(template))
    asked = request.GET.get("version", "")
    shown = next((version for version in versions if str(version.number) == asked), versions[0])
    context = {
        "template": template,
        "versions": versions,
        "shown": shown,
        "is_latest": shown == versions[0],
        "looks": looks(_words_of(shown), None),
        "may_edit": can(request.user, EDIT_TEMPLATES),
        "may_copy": can(request.user, WRITE_LETTERS) or (template.is_active and template.purpose in TAKEN_ALONG),
    }
    return render(request, "notices/templates/page.html", context)


@requires(EDIT_TEMPLATES)
def letter_template_new(request: HttpRequest) -> HttpResponse:
    form = NewTemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, purpose = form.cleaned_data["name"], form.cleaned_data["purpose"]
        template = actions.create(by=request.user, name=name, purpose=purpose, words=form.words())
        messages.success(request, _("The template is made."))
        return redirect("letter_template", template.pk)
    return _editor(request, form, None)


@requires(EDIT_TEMPLATES)
def letter_template_edit(request: HttpRequest, template_id: int) -> HttpResponse:
    template = get_object_or_404(LetterTemplate, pk=template_id)
    latest = template.latest()
    form = WordsForm(request.POST or None, initial={**_words_of(latest), "based_on": latest.number})
    if request.method == "POST" and form.is_valid():
        based_on = form.cleaned_data["based_on"] or 0
        try:
            version = actions.write(by=request.user, template=template, based_on=based_on, words=form.words())
        except actions.ChangedMeanwhile as error:
            form.add_error(None, str(error))
        else:
            if version.number == based_on:
                messages.info(request, _("Nothing was changed."))
            else:
                messages.success(request, _("Saved as version %(number)d.") % {"number": version.number})
            return redirect("letter_template", template.pk)
    return _editor(request, form, template)


@requires(EDIT_TEMPLATES)
@require_POST
def letter_template_preview(request: HttpRequest) -> HttpResponse:
    """A fragment: the words as they would print, how they read, and what is wrong with their fields. Keeps nothing."""
    words = {name: request.POST.get(name, "")[:20_000] for name in actions.WORDS}
    shown = ShownForm(request.POST)
    hot_spot = shown.cleaned_data["shown"] if shown.is_valid() else None
    return render(request, "notices/templates/preview.html", {"looks": looks(words, hot_spot)})


@requires(EDIT_TEMPLATES)
@require_POST
def letter_template_back(request: HttpRequest, template_id: int, number: int) -> HttpResponse:
    template = get_object_or_404(LetterTemplate, pk=template_id)
    get_object_or_404(TemplateVersion, template=template, number=number)
    version = actions.go_back(by=request.user, template=template, number=number)
    words = {"number": version.number, "old": number}
    messages.success(request, _("Version %(number)d has the words of version %(old)d.") % words)
    return redirect("letter_template", template.pk)


@requires(EDIT_TEMPLATES)
@require_POST
def letter_template_use(request: HttpRequest, template_id: int) -> HttpResponse:
    template = get_object_or_404(LetterTemplate, pk=template_id)
    in_use = request.POST.get("in_use") == "yes"
    actions.set_in_use(by=request.user, template=template, in_use=in_use)
    messages.success(request, _("The template is in use.") if in_use else _("The template is retired."))
    return redirect("letter_template", template.pk)


@requires(SEE_LETTERS)
def letter_template_copy(request: HttpRequest, template_id: int) -> HttpResponse:
    """A PDF that goes to nobody by mail: to leave at a door, or to be signed. Nothing of it is kept but that it was made."""
    template = get_object_or_404(LetterTemplate, pk=template_id)
    check_can_copy(request.user, template)
    version = template.latest()
    form = CopyForm(request.POST or None, version=version, initial={"hot_spot": request.GET.get("hot_spot", "")})
    if request.method != "POST" or not form.is_valid():
        context = {"template": template, "version": version, "form": form}
        return render(request, "notices/templates/copy.html", context, status=422 if form.is_bound else 200)
    given = form.cleaned_data
    pdf = _copy(version, form)
    details = {"version": version.number, "language": given["language"], "hot_spot": str(given["hot_spot"] or "")}
    record(by=request.user, action=AuditEntry.Action.EXPORTED, subject=template.name, **details)
    headers = {"Content-Disposition": f'inline; filename="{template.slug}-{given["language"]}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def check_can_copy(user: Any, template: LetterTemplate) -> None:
    """What officers take along is left at a door or signed; what is announced in the agency's name goes out as a batch."""
    if template.purpose not in TAKEN_ALONG or not template.is_active:
        check_can(user, WRITE_LETTERS)


def _copy(version: TemplateVersion, form: CopyForm) -> bytes:
    from notices.maps import batch_map_svg  # draws with matplotlib
    from notices.press import head_of, print_copy  # sets type with WeasyPrint

    given, map_svg = form.cleaned_data, ""
    if given.get("with_map") and given["hot_spot"]:
        map_svg = batch_map_svg(Batch(hot_spot=given["hot_spot"], scope=Batch.Scope.WITHIN))
    bodies = [letters.body(version, language, form.values(language)) for language in form.languages()]
    return print_copy(head=head_of(current_agency()), bodies=bodies, dated=given["dated"], map_svg=map_svg)


def looks(words: Mapping[str, str], hot_spot: HotSpot | None) -> list[dict[str, Any]]:
    """Each language: subject and text with values, how it reads, and what keeps it from being printed.

    What is missing stands in the text as its field, so that the rest can be read."""
    return [_look(words, language, hot_spot) for language in fields.LANGUAGES]


def _look(words: Mapping[str, str], language: str, hot_spot: HotSpot | None) -> dict[str, Any]:
    subject, text = words[f"subject_{language}"], words[f"body_{language}"]
    other = words[f"body_{'en' if language == 'es' else 'es'}"]
    examples = letters.example_values(language)
    values = examples
    if hot_spot:
        today = timezone.localdate()
        own = letters.values_for(hot_spot=hot_spot, place=None, dated=today, fields={}, language=language)
        values = own | {name: own[name] or examples[name] for name in own if not _is_known_by(name)}
    problems = fields.problems(f"{subject}\n\n{text}", values)
    is_printed = not any(isinstance(error, fields.UnknownField) for error in problems)
    filled = values | {error.name: f"{{{error.name}}}" for error in problems}
    return {
        "language": language,
        "problems": problems,
        "absent": [name for name in fields.used(other) if name in fields.FIELDS and name not in fields.used(text)],
        "subject": fields.plain(subject, filled) if is_printed else subject,
        # render escapes values and knows no HTML
        "html": mark_safe(fields.render(text, filled)) if is_printed else "",  # noqa: S308
        "reading": measure(fields.plain(text, filled), language) if is_printed else None,
    }


def _is_known_by(name: str) -> bool:
    """Whether a hot spot or the agency is to fill it: an example would hide that they do not."""
    return fields.FIELDS[name].filler in (fields.Filler.AGENCY, fields.Filler.PLAN)


def _editor(request: HttpRequest, form: WordsForm, template: LetterTemplate | None) -> HttpResponse:
    words = {name: str(form[name].value() or "") for name in actions.WORDS}
    context = {
        "form": form,
        "template": template,
        "shown": ShownForm(),
        "fields": list(fields.FIELDS.values()),
        "looks": looks(words, None),
    }
    return render(request, "notices/templates/edit.html", context, status=422 if form.is_bound else 200)


def _words_of(version: TemplateVersion) -> dict[str, str]:
    return {name: getattr(version, name) for name in actions.WORDS}
