from django.urls import URLPattern, path

from notices.views import help_requests, meeting_records, meetings

urlpatterns: list[URLPattern] = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/new/", meetings.meeting_new, name="meeting_new"),
    path("meetings/agreements/", meetings.agreements, name="agreements"),
    path("meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/edit/", meetings.meeting_edit, name="meeting_edit"),
    path("meetings/<int:meeting_id>/agenda/anew/", meetings.meeting_agenda_anew, name="meeting_agenda_anew"),
    path("meetings/<int:meeting_id>/agenda.pdf", meetings.meeting_agenda, name="meeting_agenda"),
    path("meetings/<int:meeting_id>/held/", meetings.meeting_hold, name="meeting_hold"),
    path("meetings/<int:meeting_id>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("meetings/<int:meeting_id>/again/", meetings.meeting_plan_again, name="meeting_plan_again"),
    path("meetings/<int:meeting_id>/minutes/", meetings.meeting_minutes_make, name="meeting_minutes_make"),
    path("meetings/<int:meeting_id>/minutes.pdf", meetings.meeting_minutes, name="meeting_minutes"),
    path("meetings/<int:meeting_id>/attendees/", meeting_records.attendee_add, name="attendee_add"),
    path("meetings/attendees/<int:attendee_id>/remove/", meeting_records.attendee_remove, name="attendee_remove"),
    path("meetings/<int:meeting_id>/issues/", meeting_records.issue_add, name="issue_add"),
    path("meetings/issues/<int:issue_id>/remove/", meeting_records.issue_remove, name="issue_remove"),
    path("meetings/<int:meeting_id>/talk/", meeting_records.meeting_talk, name="meeting_talk"),
    path("meetings/<int:meeting_id>/agree/", meeting_records.meeting_agree, name="meeting_agree"),
    path("meetings/agreements/<int:agreement_id>/remove/", meeting_records.agreement_remove, name="agreement_remove"),
    path("meetings/<int:meeting_id>/walk/", meeting_records.walk, name="walk"),
    path("meetings/<int:meeting_id>/walk/<slug:item>/", meeting_records.walk_item, name="walk_item"),
    path("meetings/walk/<int:checkpoint_id>/photo/", meeting_records.walk_photo, name="walk_photo"),
    path(
        "meetings/walk/<int:checkpoint_id>/photo/remove/", meeting_records.walk_photo_remove, name="walk_photo_remove"
    ),
    path("meetings/place/<int:place_id>/", meetings.place_meetings, name="place_meetings"),
    path("meetings/owner/<int:owner_id>/", meetings.owner_meetings, name="owner_meetings"),
    path("meetings/panel/<int:hot_spot_id>/", meetings.meetings_panel, name="meetings_panel"),
    path("meetings/place-panel/<int:place_id>/", meetings.place_meetings_panel, name="place_meetings_panel"),
    path("help-requests/", help_requests.help_requests, name="help_requests"),
    path("help-requests/<uuid:request_id>/", help_requests.help_request, name="help_request"),
    path("help-requests/<uuid:request_id>/take/", help_requests.help_request_take, name="help_request_take"),
    path("help-requests/<uuid:request_id>/back/", help_requests.help_request_put_back, name="help_request_put_back"),
    path("help-requests/<uuid:request_id>/close/", help_requests.help_request_close, name="help_request_close"),
    path("help-requests/<uuid:request_id>/reopen/", help_requests.help_request_reopen, name="help_request_reopen"),
]
