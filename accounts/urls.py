from django.urls import include, path

from accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz/", views.health, name="health"),
    path("agency/logo/", views.agency_logo, name="agency_logo"),
    path("accounts/", include("allauth.urls")),
]
