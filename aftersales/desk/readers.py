"""Who looks at the desk."""

from dataclasses import dataclass
from datetime import datetime

from returns_platform.kernel.actors import Actor

SUPPORTING = ("aftersales.decide_request", "aftersales.ask_evidence", "aftersales.close_task")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads or acts, and when. rights are asked of the account as it is now."""

    user: object
    now: datetime

    def may(self, right: str) -> bool:
        return self.user.has_perm(right)

    @property
    def works_cases(self) -> bool:
        return any(map(self.may, SUPPORTING))

    @property
    def actor(self) -> Actor:
        return Actor("support", str(self.user.pk), self.user.first_name or self.user.get_username())


def name_of(user) -> str:
    return user.first_name or user.get_username()
