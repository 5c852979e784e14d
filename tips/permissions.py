from accounts.roles import Role, capability

REVIEW_TIPS = capability("tips.review_tips", Role.DETECTIVE)
TAKE_CALLS = capability("tips.take_calls", Role.OFFICER, Role.COMMANDER, Role.CLERK, Role.DETECTIVE)
# How many tips a place or hot spot has, never what they say; no part of any score, letter or public map.
SEE_TIP_COUNTS = capability("tips.see_tip_counts", Role.COMMANDER, Role.DETECTIVE)
# The log of what left the agency: to whom, by whom, why, what kinds of parts (28 CFR 23); never what was told.
SEE_REFERRALS = capability("tips.see_referrals", Role.DETECTIVE, Role.COMMANDER, Role.AUDITOR)
# Which keys there are and whose; the keys themselves open nothing without their passphrases.
SEE_TIP_KEYS = capability("tips.see_tip_keys", Role.DETECTIVE, Role.ADMINISTRATOR, Role.AUDITOR)
RETIRE_TIP_KEYS = capability("tips.retire_tip_keys", Role.DETECTIVE, Role.ADMINISTRATOR)
# Rewards: who submits, who votes and who pays differ (the database refuses one person in two of these).
SUBMIT_REWARDS = capability("tips.submit_rewards", Role.DETECTIVE)
APPROVE_REWARDS = capability("tips.approve_rewards", Role.COMMANDER)
PAY_REWARDS = capability("tips.pay_rewards", Role.CLERK)
SEE_REWARDS = capability("tips.see_rewards", Role.COMMANDER, Role.CLERK, Role.DETECTIVE, Role.AUDITOR)
# Arrests, convictions, the ledger: not for those who pay, who see code, amount and state alone.
SEE_REWARD_FACTS = capability("tips.see_reward_facts", Role.COMMANDER, Role.DETECTIVE, Role.AUDITOR)
