"""Lighting surveys: made on a phone, light by light. Photos are served to who may see measures, and to nobody else."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from tactics.actions import lighting as actions
from tactics.catalogue import Tactic
from tactics.forms.lighting import FixedForm, LightForm, SurveyForm
from tactics.measure_transitions import CannotMove
from tactics.models import LightingItem, Measure
from tactics.permissions import SEE_MEASURES, SURVEY_LIGHTING
from tactics.views.measure_page import act, get_measure, say


@requires(SURVEY_LIGHTING)
def survey(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Begin the walk, or correct what was said of it."""
    measure = get_measure(measure_id, kind=Tactic.LIGHTING)
    existing = getattr(measure, "lighting_survey", None)
    form = SurveyForm(request.POST or None, instance=existing)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.start_survey(by=request.user, measure=measure, **values)
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            return redirect("measure" if existing else "light_new", measure.pk)
    context = {"measure": measure, "form": form, "is_new": existing is None}
    return render(request, "tactics/measures/survey.html", context, status=422 if form.errors else 200)


@requires(SURVEY_LIGHTING)
def light_new(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure = get_measure(measure_id, kind=Tactic.LIGHTING)
    if not hasattr(measure, "lighting_survey"):
        return redirect("survey", measure.pk)
    last = measure.lighting_survey.items.last()
    form = LightForm(request.POST or None, request.FILES or None, last=last)
    return edit_light(request, measure, form, None)


@requires(SURVEY_LIGHTING)
def light(request: HttpRequest, item_id: UUID) -> HttpResponse:
    item = get_object_or_404(LightingItem.objects.select_related("survey__measure__place"), pk=item_id)
    form = LightForm(request.POST or None, request.FILES or None, instance=item)
    return edit_light(request, item.survey.measure, form, item)


def edit_light(request: HttpRequest, measure: Measure, form: LightForm, item: LightingItem | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        photo = form.cleaned_data["photo"]
        try:
            actions.save_item(by=request.user, survey=measure.lighting_survey, item=form.item(), photo=photo)
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("%(light)s: saved.") % {"light": form.instance})
            return redirect("light_new" if "next" in request.POST else "measure", measure.pk)
    taken = measure.lighting_survey.items.count()
    context = {"measure": measure, "form": form, "item": item, "taken": taken}
    return render(request, "tactics/measures/light.html", context, status=422 if form.errors else 200)


@requires(SURVEY_LIGHTING)
@require_POST
def light_fixed(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Fixed on a day, today if none is given; without `fixed` that is taken back."""
    item, measure = item_and_measure(item_id)
    form = FixedForm(request.POST) if "fixed" in request.POST else None

    def fix() -> None:
        fixed_on = form.cleaned_data["fixed_on"] or timezone.localdate() if form else None
        actions.set_fixed(by=request.user, item=item, fixed_on=fixed_on)

    words = _("Fixed. Well done.") if form else _("It is to be fixed again.")
    return act(request, measure, form, "fixed_form", fix, words)


@requires(SURVEY_LIGHTING)
@require_POST
def light_remove(request: HttpRequest, item_id: UUID) -> HttpResponse:
    item, measure = item_and_measure(item_id)
    return act(request, measure, None, "", lambda: actions.remove_item(by=request.user, item=item), _("Removed."))


@requires(SURVEY_LIGHTING)
@require_POST
def light_photo_remove(request: HttpRequest, item_id: UUID) -> HttpResponse:
    item, measure = item_and_measure(item_id)
    return act(
        request, measure, None, "", lambda: actions.remove_photo(by=request.user, item=item), _("The photo is deleted.")
    )


@requires(SEE_MEASURES)
@require_safe
def light_photo(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """The photo, for those who may see measures; the folder of files itself is served to nobody."""
    item = get_object_or_404(LightingItem, pk=item_id)
    if not item.photo:
        raise Http404("There is no photo.")
    try:
        with item.photo.open() as file:
            return HttpResponse(file.read(), content_type="image/jpeg")
    except FileNotFoundError:
        raise Http404("The photo is gone.") from None


def item_and_measure(item_id: UUID) -> tuple[LightingItem, Measure]:
    item = get_object_or_404(LightingItem.objects.select_related("survey__measure"), pk=item_id)
    return item, get_measure(item.survey_id)
