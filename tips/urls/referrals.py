from django.urls import path

from tips.views import referrals

urlpatterns = [
    path("tips/<uuid:tip_id>/refer/", referrals.tip_refer, name="tip_refer"),
    path("tips/partners/", referrals.tip_partners, name="tip_partners"),
    path("tips/partners/<int:partner_id>/", referrals.tip_partner_key, name="tip_partner_key"),
    path("tips/referrals/", referrals.tip_referrals, name="tip_referrals"),
    path("tips/referrals/referrals.csv", referrals.tip_referrals_export, name="tip_referrals_export"),
]
