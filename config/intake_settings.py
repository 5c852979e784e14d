"""Settings of the tip intake process: small, and apart from those of the staff.

It has no sessions, no cookies, no sign-in, no queue, no mail, no cache but its own memory, and no models. It knows neither
the staff's SECRET_KEY nor the database roles of the other processes.
"""

from django.utils.translation import gettext_lazy as _

from config import env
from scripts.state import CHECKOUT

BASE_DIR = CHECKOUT

DEBUG = False
DEMO = env.flag("DEMO", False)
# Seals the form's and the receipt page's tokens, which are good for hours; a new one costs nothing but those.
SECRET_KEY = env.text("INTAKE_SECRET_KEY")
TIP_FORM_URL = env.text("TIP_FORM_URL", "http://localhost:8001").rstrip("/")
TIP_ONION_URL = env.text("TIP_ONION_URL", "").rstrip("/")  # the same form as a Tor onion service
HTTPS = TIP_FORM_URL.startswith("https://")
ALLOWED_HOSTS = env.words("INTAKE_HOSTS", "localhost,127.0.0.1,[::1]")
SITE_URL = env.text("SITE_URL", "http://localhost:8000")  # the public site, to go back to

INSTALLED_APPS = ["tips.intake"]
MIDDLEWARE = [
    "tips.intake.middleware.IntakeMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "config.intake_urls"
WSGI_APPLICATION = "config.intake_wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": []},
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env.text("DB_HOST"),
        "PORT": env.text("DB_PORT", 5432),
        "NAME": env.text("DB_NAME"),
        "USER": env.text("DB_INTAKE_USER", "hotspots_intake"),
        "PASSWORD": env.text("DB_INTAKE_PASSWORD"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, "application_name": "intake", "options": "-c statement_timeout=15000"},
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "tips/locale", BASE_DIR / "tactics/locale"]

# Photos are taken from memory; nothing that is sent ever lies in a file.
FILE_UPLOAD_HANDLERS = ["tips.intake.uploads.InMemory"]
MOST_TIP_PHOTOS = env.whole_number("MOST_TIP_PHOTOS", 3)
MOST_PHOTO_MEGABYTES = env.whole_number("MOST_PHOTO_MEGABYTES", 15, least=1)
MOST_PHOTO_MEGAPIXELS = env.whole_number("MOST_PHOTO_MEGAPIXELS", 64, least=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = 200_000  # of what is typed
DATA_UPLOAD_MAX_NUMBER_FIELDS = 40
DATA_UPLOAD_MAX_NUMBER_FILES = 10
# More tips than this within a minute, from whomever, wait in quarantine. None is refused.
TIP_BUDGET_PER_MINUTE = env.whole_number("TIP_BUDGET_PER_MINUTE", 120, least=1)
# Where "Leave this page" leads: some page that anybody may have open
LEAVE_URL = env.text("LEAVE_URL", "https://www.weather.gov/")

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
# Only that something failed and where in the code; never a path, an address or a word of a request.
LOGGING_CONFIG = "tips.intake.logs.configure"
LOGGING = {"level": "INFO"}
