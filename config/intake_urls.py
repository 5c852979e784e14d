from django.urls import include, path

urlpatterns = [path("", include("tips.intake.urls"))]

handler400 = "tips.intake.errors.bad_request"
handler403 = "tips.intake.errors.refused"
handler404 = "tips.intake.errors.not_found"
handler500 = "tips.intake.errors.failed"
