"""Referrals (转介): who finds somebody without shelter or means hands them to the managing office.

The person may be in no registry, or be unable to say who they are. So a referral keeps what is
known of where and how somebody was found; who they are is found out beside the aid, and a case
begins when it is known (decision 49).
"""
