"""Who is paged for an alert, and when: the policy, the file it is written in, trying it out, and drawing that.

It never ends in silence: behind the last step it pages that step's people again and again until somebody claims.
"""

from escalation.ladder.policy import OTHERS_PAGED, URGENT, Hours, Ladder, OfTier, Policy, Step, is_risen, unanswered

__all__ = ["OTHERS_PAGED", "URGENT", "Hours", "Ladder", "OfTier", "Policy", "Step", "is_risen", "unanswered"]
