from django.urls import path

from notices.views import lists, owners

urlpatterns = [
    path("owners/", owners.owners, name="owners"),
    path("owners/lists/", lists.list_imports, name="list_imports"),
    path("owners/lists/new/", lists.list_import_new, name="list_import_new"),
    path("owners/lists/<int:list_id>/", lists.list_import, name="list_import"),
    path("owners/lists/<int:list_id>/columns/", lists.list_import_columns, name="list_import_columns"),
    path("owners/lists/<int:list_id>/answer/", lists.list_import_answer, name="list_import_answer"),
    path("owners/lists/<int:list_id>/discard/", lists.list_import_discard, name="list_import_discard"),
    path("owners/lists/<int:list_id>/rejected.csv", lists.list_import_rejects, name="list_import_rejects"),
    path("owners/households/", owners.households, name="households"),
    path("owners/households/<int:address_id>/", owners.mailbox, name="mailbox"),
    path("owners/households/<int:address_id>/clear/", owners.mailbox_clear, name="mailbox_clear"),
    path("owners/no-letters/<int:opt_out_id>/end/", owners.opt_out_end, name="opt_out_end"),
    path("owners/<int:owner_id>/", owners.owner, name="owner"),
    path("owners/<int:owner_id>/address/", owners.owner_address, name="owner_address"),
    path("owners/<int:owner_id>/wishes/", owners.owner_wishes, name="owner_wishes"),
    path("owners/<int:owner_id>/follow-list/", owners.owner_follow_list, name="owner_follow_list"),
    path("owners/<int:owner_id>/returned/clear/", owners.owner_returned_clear, name="owner_returned_clear"),
    path("owners/<int:owner_id>/no-letters/", owners.owner_opt_out, name="owner_opt_out"),
]
