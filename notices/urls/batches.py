from django.urls import URLPattern, path

from notices.views import batch_files, batch_recipients, batches, returns

urlpatterns: list[URLPattern] = [
    path("letters/", batches.batch_list, name="batches"),
    path("letters/new/", batches.batch_new, name="letters_new"),
    path("letters/returned/", returns.letters_returned, name="letters_returned"),
    path("letters/returned/<int:letter_id>/undo/", returns.letters_return_undo, name="letters_return_undo"),
    path("letters/of-hot-spot/<int:hot_spot_id>/", batches.batch_panel, name="letters_panel"),
    path("letters/<int:letters_id>/", batches.batch_page, name="letters"),
    path("letters/<int:letters_id>/change/", batches.batch_change, name="letters_change"),
    path("letters/<int:letters_id>/copy/", batches.batch_copy, name="letters_copy"),
    path("letters/<int:letters_id>/recipients/", batch_recipients.batch_recipients, name="letters_recipients"),
    path("letters/<int:letters_id>/addressees/", batch_recipients.batch_addressees, name="letters_addressees"),
    path("letters/<int:letters_id>/recipients/exclude/", batch_recipients.batch_exclude, name="letters_exclude"),
    path("letters/<int:letters_id>/recipients/include/", batch_recipients.batch_include, name="letters_include"),
    path("letters/<int:letters_id>/preview/<str:which>.pdf", batch_files.batch_preview, name="letters_preview"),
    path("letters/<int:letters_id>/move/<str:name>/", batches.batch_move, name="letters_move"),
    path("letters/<int:letters_id>/progress/", batches.batch_progress, name="letters_progress"),
    path("letters/<int:letters_id>/again/", batches.batch_again, name="letters_again"),
    path("letters/<int:letters_id>/email/", batches.batch_email, name="letters_email"),
    path("letters/<int:letters_id>/manifest/", batch_files.batch_manifest, name="letters_manifest"),
    path("letters/<int:letters_id>/files/<str:what>", batch_files.batch_file, name="letters_file"),
]
