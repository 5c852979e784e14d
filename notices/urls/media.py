from django.urls import path

from notices.views import projects, releases, review

urlpatterns = [
    path("media/", releases.release_list, name="releases"),
    path("media/new/", releases.release_new, name="release_new"),
    path("media/<int:release_id>/", releases.release_page, name="release"),
    path("media/<int:release_id>/edit/", releases.release_edit, name="release_edit"),
    path("media/<int:release_id>/map.png", releases.release_map, name="release_map"),
    path("media/<int:release_id>/release-<slug:language>.<slug:kind>", releases.release_file, name="release_file"),
    path("media/<int:release_id>/publish/", releases.release_publish, name="release_publish"),
    path("media/<int:release_id>/do/<slug:step>/", releases.release_step, name="release_step"),
    path("media/publications/<int:publication_id>/remove/", releases.publication_remove, name="publication_remove"),
    path("public-projects/", projects.project_list, name="shown_projects"),
    path("public-projects/<int:project_id>/", projects.project_page, name="shown_project"),
    path("public-projects/<int:project_id>/edit/", projects.project_edit, name="shown_project_edit"),
    path("public-projects/<int:project_id>/map.png", projects.project_map, name="shown_project_map"),
    path("public-projects/<int:project_id>/do/<slug:step>/", projects.project_step, name="shown_project_step"),
    path("hotspots/<int:hot_spot_id>/public/", projects.project_panel, name="public_panel"),
    path("hotspots/<int:hot_spot_id>/public/new/", projects.project_new, name="shown_project_new"),
    path("public-review/", review.review_list, name="public_review"),
]
