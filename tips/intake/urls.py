from django.urls import path, register_converter

from tips.intake import views


class IntakeLanguage:
    regex = "en|es"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(IntakeLanguage, "intake_language")

urlpatterns = [
    path("", views.start, name="tip_start"),
    path("<intake_language:language>/", views.tip_form, name="tip_form"),
    path("<intake_language:language>/back/", views.come_back, name="tip_come_back"),
    path("<intake_language:language>/add/", views.add, name="tip_add"),
    path("<intake_language:language>/safety/", views.safety, name="tip_safety"),
    path("leave/", views.leave, name="tip_leave"),
    path("map/<str:token>.png", views.map_picture, name="tip_map"),
    path("style.css", views.style, name="tip_style"),
    path("favicon.ico", views.nothing, name="tip_no_icon"),
    path("healthz/", views.health, name="tip_health"),
    path("prove/", views.prove, name="tip_prove"),
]
