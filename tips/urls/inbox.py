from django.urls import path

from tips.views import inbox, quarantine, tip, work

urlpatterns = [
    path("tips/", inbox.tips, name="tips"),
    path("tips/search/", inbox.tips_search, name="tips_search"),
    path("tips/quarantine/", quarantine.tips_quarantine, name="tips_quarantine"),
    path("tips/quarantine/act/", quarantine.tips_quarantine_act, name="tips_quarantine_act"),
    path("tips/quarantine/undo/", quarantine.tips_flood_undo, name="tips_flood_undo"),
    path("tips/<uuid:tip_id>/", tip.tip, name="tip"),
    path("tips/<uuid:tip_id>/release/", quarantine.tip_release, name="tip_release"),
    path("tips/<uuid:tip_id>/photos/<uuid:message_id>/", tip.tip_photo, name="tip_photo"),
    path("tips/<uuid:tip_id>/judge/", work.tip_judge, name="tip_judge"),
    path("tips/<uuid:tip_id>/place/", work.tip_place, name="tip_place"),
    path("tips/<uuid:tip_id>/hot-spot/", work.tip_hot_spot, name="tip_hot_spot"),
    path("tips/<uuid:tip_id>/take/", work.tip_take, name="tip_take"),
    path("tips/<uuid:tip_id>/put-back/", work.tip_put_back, name="tip_put_back"),
    path("tips/<uuid:tip_id>/assign/", work.tip_assign, name="tip_assign"),
    path("tips/<uuid:tip_id>/end/", work.tip_end, name="tip_end"),
    path("tips/<uuid:tip_id>/reopen/", work.tip_reopen, name="tip_reopen"),
    path("tips/<uuid:tip_id>/hold/", work.tip_hold, name="tip_hold"),
    path("tips/<uuid:tip_id>/lift/", work.tip_lift, name="tip_lift"),
    path("tips/<uuid:tip_id>/same/", work.tip_same, name="tip_same"),
    path("tips/<uuid:tip_id>/same/set/", work.tip_same_set, name="tip_same_set"),
    path("tips/<uuid:tip_id>/same/undo/", work.tip_same_undo, name="tip_same_undo"),
    path("tips/<uuid:tip_id>/reply/", work.tip_reply, name="tip_reply"),
    path("tips/<uuid:tip_id>/reply/<uuid:message_id>/undo/", work.tip_reply_undo, name="tip_reply_undo"),
    path("tips/<uuid:tip_id>/note/", work.tip_note, name="tip_note"),
    path("tips/<uuid:tip_id>/translate/<uuid:message_id>/", work.tip_translate, name="tip_translate"),
]
