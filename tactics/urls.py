from django.urls import path

from tactics.views import activities as activity_views
from tactics.views import board as board_views
from tactics.views import briefings as briefing_views
from tactics.views import cameras as camera_views
from tactics.views import dosage as dosage_views
from tactics.views import entries as entry_views
from tactics.views import evenness as evenness_views
from tactics.views import exports as export_views
from tactics.views import imports as import_views
from tactics.views import leases as lease_views
from tactics.views import lighting as lighting_views
from tactics.views import log as log_views
from tactics.views import measures as measure_views
from tactics.views import operations as operation_views
from tactics.views import permits as permit_views
from tactics.views import plans as plan_views
from tactics.views import rosters as roster_views
from tactics.views import shifts as shift_views
from tactics.views import sync as sync_views

urlpatterns = [
    path("plans/", plan_views.plan_list, name="plans"),
    path("plans/<int:plan_id>/", plan_views.plan_page, name="plan_page"),
    path("plans/<int:plan_id>/take-back/", plan_views.plan_take_back, name="plan_take_back"),
    path("plans/<int:plan_id>/move/<slug:name>/", plan_views.plan_move, name="plan_move"),
    path("hotspots/<int:hot_spot_id>/plan/", plan_views.hot_spot_plan, name="plan"),
    path("hotspots/<int:hot_spot_id>/plan/edit/", plan_views.plan_edit, name="plan_edit"),
    path("hotspots/<int:hot_spot_id>/plan/panel/", plan_views.plan_panel, name="plan_panel"),
    path("rosters/", roster_views.roster_day, name="rosters"),
    path("rosters/draw/", roster_views.roster_draw, name="roster_draw"),
    path("rosters/<int:roster_id>/", roster_views.roster_page, name="roster"),
    path("rosters/<int:roster_id>/redraw/", roster_views.roster_redraw, name="roster_redraw"),
    path("rosters/<int:roster_id>/add/", roster_views.assignment_add, name="assignment_add"),
    path("rosters/<int:roster_id>/order/", roster_views.roster_order, name="roster_order"),
    path("assignments/<int:assignment_id>/drop/", roster_views.assignment_drop, name="assignment_drop"),
    path("assignments/<int:assignment_id>/restore/", roster_views.assignment_restore, name="assignment_restore"),
    path("assignments/<int:assignment_id>/hand-over/", roster_views.assignment_hand_over, name="assignment_hand_over"),
    path("shifts/", shift_views.shift_page, name="shifts"),
    path("shifts/<slug:kind>/new/", shift_views.thing_new, name="shift_thing_new"),
    path("shifts/<slug:kind>/<int:thing_id>/", shift_views.thing_edit, name="shift_thing"),
    path("shifts/<slug:kind>/<int:thing_id>/delete/", shift_views.thing_delete, name="shift_thing_delete"),
    path("board/", board_views.board, name="board"),
    path("board/now/", board_views.board_update, name="board_update"),
    path("briefings/", briefing_views.briefing_list, name="briefings"),
    path("briefings/<int:briefing_id>.pdf", briefing_views.briefing_pdf, name="briefing_pdf"),
    path("briefings/<str:day>/<int:shift_id>/", briefing_views.briefing_page, name="briefing"),
    path("briefings/<str:day>/<int:shift_id>/make/", briefing_views.briefing_make, name="briefing_make"),
    path("dosage/", dosage_views.dosage_page, name="dosage"),
    path("dosage/dosage.csv", dosage_views.dosage_export, name="dosage_export"),
    path("hotspots/<int:hot_spot_id>/dosage/", dosage_views.dosage_panel, name="dosage_panel"),
    path("evenness/", evenness_views.evenness_page, name="evenness"),
    path("hotspots/<int:hot_spot_id>/evenness/", evenness_views.evenness_panel, name="evenness_panel"),
    path("log/", log_views.log, name="log"),
    path("log/sw.js", log_views.log_worker, name="log_worker"),
    path("log/app.webmanifest", log_views.log_manifest, name="log_manifest"),
    path("log/places/", log_views.log_places, name="log_places"),
    path("log/state/", sync_views.log_state, name="log_state"),
    path("log/sync/", sync_views.log_sync, name="log_sync"),
    path("activities/", activity_views.activity_list, name="activities"),
    path("activities/mine/", activity_views.my_activities, name="activities_mine"),
    path("activities/new/", activity_views.activity_new, name="activity_new"),
    path("activities/approve/", activity_views.activities_approve, name="activities_approve"),
    path("activities/export.<slug:format>", export_views.activity_export, name="activity_export"),
    path("activities/entries/", entry_views.entry_list, name="entries"),
    path("activities/entries/<uuid:entry_id>/", entry_views.entry, name="entry"),
    path("activities/entries/<uuid:entry_id>/close/", entry_views.entry_close, name="entry_close"),
    path("activities/<uuid:activity_id>/", activity_views.activity, name="activity"),
    path("activities/<uuid:activity_id>/correct/", activity_views.activity_correct, name="activity_correct"),
    path("activities/<uuid:activity_id>/void/", activity_views.activity_void, name="activity_void"),
    path("activities/<uuid:activity_id>/restore/", activity_views.activity_restore, name="activity_restore"),
    path("operations/", operation_views.operation_list, name="operations"),
    path("operations/new/", operation_views.operation_new, name="operation_new"),
    path("operations/<uuid:operation_id>/", operation_views.operation, name="operation"),
    path("operations/<uuid:operation_id>/end/", operation_views.operation_end, name="operation_end"),
    path("visits/imports/", import_views.visit_imports, name="visit_imports"),
    path("visits/imports/new/", import_views.visit_import_new, name="visit_import_new"),
    path("visits/imports/<int:visit_import_id>/", import_views.visit_import, name="visit_import"),
    path(
        "visits/imports/<int:visit_import_id>/rejects.csv",
        import_views.visit_import_rejects,
        name="visit_import_rejects",
    ),
    path("measures/", measure_views.measures, name="measures"),
    path("measures/week/", measure_views.measures_week, name="measures_week"),
    path("measures/cameras/", camera_views.cameras, name="cameras"),
    path("measures/new/", measure_views.measure_new, name="measure_new"),
    path("measures/new/<slug:kind>/", measure_views.measure_plan, name="measure_plan"),
    path("measures/<uuid:measure_id>/", measure_views.measure, name="measure"),
    path("measures/<uuid:measure_id>/edit/", measure_views.measure_edit, name="measure_edit"),
    path("measures/<uuid:measure_id>/done/", measure_views.measure_done, name="measure_done"),
    path("measures/<uuid:measure_id>/drop/", measure_views.measure_drop, name="measure_drop"),
    path("measures/<uuid:measure_id>/reopen/", measure_views.measure_reopen, name="measure_reopen"),
    path("measures/<uuid:measure_id>/survey/", lighting_views.survey, name="survey"),
    path("measures/<uuid:measure_id>/lights/new/", lighting_views.light_new, name="light_new"),
    path("measures/lights/<uuid:item_id>/", lighting_views.light, name="light"),
    path("measures/lights/<uuid:item_id>/fixed/", lighting_views.light_fixed, name="light_fixed"),
    path("measures/lights/<uuid:item_id>/remove/", lighting_views.light_remove, name="light_remove"),
    path("measures/lights/<uuid:item_id>/photo.jpg", lighting_views.light_photo, name="light_photo"),
    path("measures/lights/<uuid:item_id>/photo/remove/", lighting_views.light_photo_remove, name="light_photo_remove"),
    path("measures/<uuid:measure_id>/camera/", camera_views.camera, name="camera"),
    path("measures/<uuid:measure_id>/camera/confirm/", camera_views.camera_confirm, name="camera_confirm"),
    path("measures/<uuid:measure_id>/camera/withdraw/", camera_views.camera_withdraw, name="camera_withdraw"),
    path("measures/<uuid:measure_id>/camera/contact/", camera_views.camera_contact, name="camera_contact"),
    path("measures/<uuid:measure_id>/permits/", permit_views.program, name="program"),
    path("measures/<uuid:measure_id>/permits/issue/", permit_views.permits_issue, name="permits_issue"),
    path("measures/<uuid:measure_id>/permits.csv", permit_views.permits_print, name="permits_print"),
    path("measures/<uuid:measure_id>/impounds/", permit_views.impound_new, name="impound_new"),
    path("measures/permits/<int:permit_id>/returned/", permit_views.permit_returned, name="permit_returned"),
    path("measures/impounds/<int:impound_id>/remove/", permit_views.impound_remove, name="impound_remove"),
    path("measures/<uuid:measure_id>/lease/step/", lease_views.lease_step, name="lease_step"),
    path("measures/<uuid:measure_id>/lease/undo/", lease_views.lease_step_undo, name="lease_step_undo"),
    path("measures/<uuid:measure_id>/signature/", lease_views.signature, name="signature"),
    path("measures/<uuid:measure_id>/end/", lease_views.authorization_end, name="authorization_end"),
    path("hotspots/<int:hot_spot_id>/measures/", measure_views.measures_panel, name="measures_panel"),
    path("places/<int:place_id>/measures/", measure_views.place_measures_panel, name="place_measures_panel"),
]
