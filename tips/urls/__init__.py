from tips.urls import calls, inbox, keys, referrals, retention, rewards

urlpatterns = [
    *inbox.urlpatterns,
    *referrals.urlpatterns,
    *retention.urlpatterns,
    *calls.urlpatterns,
    *keys.urlpatterns,
    *rewards.urlpatterns,
]
