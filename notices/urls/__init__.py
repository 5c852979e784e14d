from notices.urls import batches, lists, media, meetings, public, templates

urlpatterns = [
    *templates.urlpatterns,
    *lists.urlpatterns,
    *batches.urlpatterns,
    *meetings.urlpatterns,
    *media.urlpatterns,
    *public.urlpatterns,
]
