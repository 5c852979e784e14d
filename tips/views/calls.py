"""The dispatcher's form. It keeps nothing of whoever calls, nor of who took the call."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters

from accounts.permissions import requires
from tips.actions import calls
from tips.forms.calls import CallForm
from tips.permissions import TAKE_CALLS


@requires(TAKE_CALLS)
@sensitive_post_parameters()
@cache_control(no_store=True)
def tip_call(request: HttpRequest) -> HttpResponse:
    """The words of the receipt stand on the answer, and nowhere else."""
    form = CallForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        language, sending = form.cleaned_data["language"], form.cleaned_data["sending"]
        try:
            words = calls.take_call(texts=form.texts(), language=language, sending=sending)
        except calls.NobodyReads as problem:
            form.add_error(None, str(problem))
        else:
            return render(request, "tips/inbox/call_taken.html", {"words": words, "language": language})
    return render(request, "tips/inbox/call.html", {"form": form}, status=422 if form.errors else 200)
