"""The same form as one begins with Django: a project's default middleware, a ModelForm, one model saved in plain.

    plain_tips.py prepare          makes its table
    gunicorn plain_tips:application

PEER_DATABASE is the address of the database; PEER_KEEPS=1 keeps its connections, which Django by default does not.
Run with the product's own Python: both sides stand on the same Django.
"""

import os
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Send a tip</title></head>
<body>
<h1>Send a tip</h1>
<form method="post" enctype="multipart/form-data">
{% csrf_token %}
{{ form.as_p }}
<button>Send</button>
</form>
</body>
</html>
"""
address = urlsplit(os.environ["PEER_DATABASE"])
settings.configure(
    SECRET_KEY="of a benchmark",
    DEBUG=False,
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                # Kept once compiled, as Django does by default; in this file, so that there is one.
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [
                            ("django.template.loaders.locmem.Loader", {"form.html": PAGE}),
                            "django.template.loaders.app_directories.Loader",
                        ],
                    ),
                ],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        },
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": address.hostname,
            "PORT": address.port,
            "USER": address.username,
            "PASSWORD": address.password,
            "NAME": address.path.strip("/"),
            "CONN_MAX_AGE": 60 if os.environ.get("PEER_KEEPS") else 0,
        },
    },
    USE_TZ=True,
    STATIC_URL="static/",
)
django.setup()

from django import forms  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.shortcuts import redirect, render  # noqa: E402
from django.urls import path  # noqa: E402


class Tip(models.Model):
    what = models.TextField(max_length=5000)
    where = models.CharField(max_length=300, blank=True)
    when = models.CharField(max_length=300, blank=True)
    who = models.TextField(max_length=2000, blank=True)
    photo = models.FileField(blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "peer"
        db_table = "peer_tip"

    def __str__(self) -> str:
        return f"tip {self.pk}"


class TipForm(forms.ModelForm):
    class Meta:
        model = Tip
        fields = ("what", "where", "when", "who", "photo")


def tip_form(request: HttpRequest) -> HttpResponse:
    form = TipForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("thanks")
    return render(request, "form.html", {"form": form})


def thanks(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Thank you.")


urlpatterns = [path("en/", tip_form, name="form"), path("thanks/", thanks, name="thanks")]
application = get_wsgi_application()

if __name__ == "__main__" and sys.argv[1:] == ["prepare"]:
    with connection.schema_editor() as editor:
        editor.create_model(Tip)
