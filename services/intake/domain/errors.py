"""What the rules of intake can object to; translated into problem details once, at the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.text import Text


@dataclass(frozen=True, slots=True)
class Rule(Text):
    """The sentence for one broken rule; ``id`` is the last part of its problem type, which no other rule shares."""

    id: str

    def format(self, **values: object) -> Rule:
        """Fill the named places as a ``Text`` does; the rule stays the same."""
        return self.saying(Text.format(self, **values))

    def saying(self, words: Text) -> Rule:
        """Give the same rule in other words, such as those of the district's pack."""
        return Rule(words.zh, words.en, self.id)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was filed: the dotted path of the field, and what is wrong and how to mend it."""

    field: str
    message: Text

    @property
    def rule(self) -> str | None:
        """The id of the rule that is broken; None where a field is missing or of the wrong form."""
        return self.message.id if isinstance(self.message, Rule) else None


class InvalidFiling(Exception):
    """What was filed cannot be accepted; ``faults`` names every field at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = tuple(faults)

    @property
    def rule(self) -> str | None:
        """The id of the one rule that was broken, in however many places; None where more than that is wrong."""
        rules = {fault.rule for fault in self.faults}
        return rules.pop() if len(rules) == 1 else None


class NotThere(Exception):
    """The object does not exist, or the one who asks may not know that it does."""


class OutOfReach(NotThere):
    """The object exists, but not for the one who asks; answered as if it did not, and kept in the audit log."""

    def __init__(self, object_type: str, object_id: str) -> None:
        super().__init__(object_type)
        self.object_type = object_type
        self.object_id = object_id


class IllegalStep(Exception):
    """The step is not possible in the present status; ``possible`` lists what is."""

    def __init__(self, status: str, possible: Sequence[str], explanation: Text) -> None:
        super().__init__(str(explanation))
        self.status = status
        self.possible = tuple(possible)
        self.explanation = explanation


class NoPost(Exception):
    """The staff member holds no post at a unit of this district, so there is nowhere to file to."""


class SignInFailed(Exception):
    """Name or password do not match an account that may sign in; never says which of the two."""


class OneTimeCodeNeeded(SignInFailed):
    """The password is right, and the account has a second factor: its one-time code is missing."""


class SignInPaused(Exception):
    """Too many wrong tries under this name or from this address: nothing is checked for ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds


class SessionOver(Exception):
    """The session has ended, or was left alone for too long: sign in again."""


class NoSession(Exception):
    """The token is good and belongs to no session, under which alone one acts for somebody else."""


class AskAgain(SessionOver):
    """The session lives, and the identity provider is to be asked first whether its holder is still what it said.

    ``overdue`` where it has gone unasked for so long that nothing goes on without.
    """

    def __init__(self, *, overdue: bool) -> None:
        super().__init__()
        self.overdue = overdue
