from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path

from accounts.views import agency, audit, people, reviews, signing_in, start

# Of allauth's pages only these: nobody signs up, and passwords are reset by administrators, not by mail.
second_factor = [
    path("", mfa.index, name="mfa_index"),
    path("authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("app/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("app/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("keys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("keys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("keys/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("keys/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("keys/<int:pk>/remove/", signing_in.remove_key, name="mfa_remove_webauthn"),
]

sign_in = [
    path("notice/", start.sign_in_notice, name="sign_in_notice"),
    path("login/", allauth.login, name="account_login"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("2fa/", include(second_factor)),
]

urlpatterns = [
    path("", start.home, name="home"),
    path("healthz/", start.health, name="health"),
    path("accounts/", include(sign_in)),
    path("people/", people.people, name="people"),
    path("people/add/", people.add_person, name="person_add"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/active/", people.set_active, name="person_active"),
    path("people/<int:pk>/release/", people.release_lock, name="person_release"),
    path("people/<int:pk>/reset/", people.reset_sign_in, name="person_reset"),
    path("agency/", agency.agency, name="agency"),
    path("agency/logo/", start.agency_logo, name="agency_logo"),
    path("agency/time/", agency.time_there, name="agency_time"),
    path("agency/partners/add/", agency.add_partner, name="partner_add"),
    path("agency/partners/<int:pk>/", agency.partner, name="partner"),
    path("agency/partners/<int:pk>/remove/", agency.remove_partner, name="partner_remove"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export.csv", audit.export_audit, name="audit_export"),
    path("audit/weeks/", reviews.audit_weeks, name="audit_weeks"),
    path("audit/weeks/<str:week>/", reviews.audit_week, name="audit_week"),
    path("audit/weeks/<str:week>/reviewed/", reviews.audit_week_reviewed, name="audit_week_reviewed"),
    path("audit/weeks/<str:week>/note/", reviews.audit_week_note, name="audit_week_note"),
]
