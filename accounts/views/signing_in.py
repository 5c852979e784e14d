from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def remove_key(request: HttpRequest, pk: int) -> HttpResponse:
    """allauth's own, but for the last second factor, which stays while one is required."""
    if request.user.is_authenticated:
        key = Authenticator.objects.filter(pk=pk, user=request.user).first()
        if key and not get_adapter().can_delete_authenticator(key):
            messages.error(request, get_adapter().error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
    return remove_webauthn(request, pk=pk)
