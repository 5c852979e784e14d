from django.urls import path

from hotspots.views import map as map_views

urlpatterns = [
    path("map/", map_views.map_page, name="map"),
]
