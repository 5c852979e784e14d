from django.urls import path

from tips.views import retention

urlpatterns = [
    path("tips/retention/", retention.tips_about_to_go, name="tips_about_to_go"),
    path("tips/retention/<uuid:tip_id>/keep/", retention.tips_keep, name="tips_keep"),
    path("tips/reviews/", retention.tips_reviews, name="tips_reviews"),
    path("tips/<uuid:tip_id>/review/", retention.tip_review, name="tip_review"),
]
