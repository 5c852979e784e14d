from django.urls import path

from tactics.views import imports as import_views
from tactics.views import sync as sync_views

urlpatterns = [
    path("log/state/", sync_views.log_state, name="log_state"),
    path("log/sync/", sync_views.log_sync, name="log_sync"),
    path("visits/imports/", import_views.visit_imports, name="visit_imports"),
    path("visits/imports/new/", import_views.visit_import_new, name="visit_import_new"),
    path("visits/imports/<int:visit_import_id>/", import_views.visit_import, name="visit_import"),
    path(
        "visits/imports/<int:visit_import_id>/rejects.csv",
        import_views.visit_import_rejects,
        name="visit_import_rejects",
    ),
]
