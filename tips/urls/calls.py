from django.urls import path

from tips.views import calls, counts

urlpatterns = [
    path("tips/call/", calls.tip_call, name="tip_call"),
    path("tips/counts/map.json", counts.tips_on_map, name="tips_on_map"),
    path("tips/counts/hot-spots/<int:hot_spot_id>/", counts.tips_panel, name="tips_panel"),
    path("tips/counts/places/<int:place_id>/", counts.place_tips_panel, name="place_tips_panel"),
]
