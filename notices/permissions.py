from accounts.roles import Role, capability

SEE_LETTERS = capability("notices.see_letters", Role.OFFICER, Role.COMMANDER, Role.CLERK, Role.DETECTIVE)
WRITE_LETTERS = capability("notices.write_letters", Role.COMMANDER, Role.CLERK)
APPROVE_LETTERS = capability("notices.approve_letters", Role.COMMANDER)
EDIT_TEMPLATES = capability("notices.edit_templates", Role.COMMANDER, Role.CLERK)
# Names and addresses of owners: for those who write to them.
MANAGE_OWNERS = capability("notices.manage_owners", Role.COMMANDER, Role.CLERK)
SEE_MEETINGS = capability("notices.see_meetings", Role.OFFICER, Role.COMMANDER, Role.CLERK, Role.DETECTIVE)
RECORD_MEETINGS = capability("notices.record_meetings", Role.COMMANDER, Role.CLERK)
HANDLE_REQUESTS = capability("notices.handle_requests", Role.COMMANDER, Role.CLERK)
WRITE_PUBLIC = capability("notices.write_public", Role.COMMANDER, Role.CLERK)
APPROVE_PUBLIC = capability("notices.approve_public", Role.COMMANDER)
