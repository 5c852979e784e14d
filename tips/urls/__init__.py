from tips.urls import calls, inbox, referrals, retention

urlpatterns = [
    *inbox.urlpatterns,
    *referrals.urlpatterns,
    *retention.urlpatterns,
    *calls.urlpatterns,
]
