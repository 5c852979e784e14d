from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("hotspots.urls")),
    path("", include("tactics.urls")),
    path("", include("tips.urls")),
    path("", include("notices.urls")),
]

handler404 = "notices.views.public.not_found"
handler500 = "accounts.views.errors.server_error"
