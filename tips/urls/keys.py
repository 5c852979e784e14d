from django.urls import path

from tips.views import keys

urlpatterns = [
    path("tips/keys/", keys.tip_keys, name="tip_keys"),
    path("tips/keys/new/", keys.tip_key_new, name="tip_key_new"),
    path("tips/keys/passphrase/", keys.tip_key_passphrase, name="tip_key_passphrase"),
    path("tips/keys/rotate/", keys.tip_key_rotate, name="tip_key_rotate"),
    path("tips/keys/lost/", keys.tip_key_lost, name="tip_key_lost"),
    path("tips/keys/<uuid:key_id>/let-in/", keys.tip_key_let_in, name="tip_key_let_in"),
    path("tips/keys/<uuid:key_id>/catch-up/", keys.tip_key_catch_up, name="tip_key_catch_up"),
    path("tips/keys/<uuid:key_id>/retire/", keys.tip_key_retire, name="tip_key_retire"),
    path("tips/unlock/", keys.tip_unlock, name="tip_unlock"),
    path("tips/lock/", keys.tip_lock, name="tip_lock"),
]
