import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "config.intake_settings"

from tips.intake.narrow import narrowed

application = narrowed(get_wsgi_application())
