from django.urls import URLPattern, path

from tips.views import reward_money as money
from tips.views import rewards

urlpatterns: list[URLPattern] = [
    path("tips/rewards/", rewards.rewards, name="rewards"),
    path("tips/rewards/new/", rewards.reward_new, name="reward_new"),
    path("tips/rewards/of/<uuid:tip_id>/", rewards.tip_rewards_of, name="tip_rewards_of"),
    path("tips/rewards/approvals/", rewards.reward_approvals, name="reward_approvals"),
    path("tips/rewards/pay/", money.reward_pay, name="reward_pay"),
    path("tips/rewards/pay/<slug:reward_code>/slip/", money.reward_slip, name="reward_slip"),
    path("tips/rewards/ledger/", money.reward_ledger, name="reward_ledger"),
    path("tips/rewards/ledger/budget/", money.reward_budget, name="reward_budget"),
    path("tips/rewards/ledger/<int:ledger_entry_id>/undo/", money.reward_budget_undo, name="reward_budget_undo"),
    path("tips/rewards/report/", money.reward_report, name="reward_report"),
    path("tips/rewards/report.csv", money.reward_report_csv, name="reward_report_csv"),
    path("tips/rewards/report.pdf", money.reward_report_pdf, name="reward_report_pdf"),
    path("tips/rewards/<slug:reward_code>/", rewards.reward, name="reward"),
    path("tips/rewards/<slug:reward_code>/arrest/", rewards.reward_arrest, name="reward_arrest"),
    path("tips/rewards/<slug:reward_code>/conviction/", rewards.reward_conviction, name="reward_conviction"),
    path("tips/rewards/<slug:reward_code>/back/", rewards.reward_back, name="reward_back"),
    path("tips/rewards/<slug:reward_code>/withdraw/", rewards.reward_withdraw, name="reward_withdraw"),
    path("tips/rewards/<slug:reward_code>/offer/", rewards.reward_offer, name="reward_offer"),
    path("tips/rewards/<slug:reward_code>/approve/", rewards.reward_approve, name="reward_approve"),
    path("tips/rewards/<slug:reward_code>/decline/", rewards.reward_decline, name="reward_decline"),
    path("tips/rewards/<slug:reward_code>/release/", rewards.reward_release, name="reward_release"),
    path("tips/rewards/<slug:reward_code>/close/", rewards.reward_close, name="reward_close"),
]
