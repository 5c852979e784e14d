from django.urls import path

from notices.views import templates

urlpatterns = [
    path("letters/templates/", templates.letter_templates, name="letter_templates"),
    path("letters/templates/new/", templates.letter_template_new, name="letter_template_new"),
    path("letters/templates/preview/", templates.letter_template_preview, name="letter_template_preview"),
    path("letters/templates/<int:template_id>/", templates.letter_template, name="letter_template"),
    path("letters/templates/<int:template_id>/edit/", templates.letter_template_edit, name="letter_template_edit"),
    path("letters/templates/<int:template_id>/use/", templates.letter_template_use, name="letter_template_use"),
    path("letters/templates/<int:template_id>/copy/", templates.letter_template_copy, name="letter_template_copy"),
    path(
        "letters/templates/<int:template_id>/versions/<int:number>/back/",
        templates.letter_template_back,
        name="letter_template_back",
    ),
]
