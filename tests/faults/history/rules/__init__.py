"""Every rule that a history must keep, by the name under which a breach of it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from tests.faults.history.book import Book
from tests.faults.history.rules import (
    addressed,
    audits,
    chains,
    clients,
    consumers,
    effects,
    letters,
    mirrors,
    paths,
)

Breach = tuple[str, str]
"""What it is about (an id, or empty) and one sentence that says how the rule is broken."""
Rule = Callable[[Book], Iterable[Breach]]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "the clients' log is whole": clients.whole_log,
        "ok is present": clients.ok_is_present,
        "fail is absent": clients.fail_is_absent,
        "unknown is there at most once": clients.once_at_most,
        "nothing is there unasked": clients.nothing_unasked,
        "each consumer takes each event once": consumers.one_receipt,
        "each leg becomes one referral": consumers.referrals_open_once,
        "each fact is one line of the timeline": consumers.timeline_once,
        "each fact is told once": consumers.told_once,
        "each wish to cancel is answered once": consumers.cancelling_answered_once,
        "no event without its row, no row without its event": effects.rows_and_events,
        "the mirror changes with its timeline": effects.mirror_and_timeline,
        "tables and effect log agree": effects.log_agrees,
        "referrals go legal ways": paths.of_referrals,
        "no illegal step is overwritten": paths.of_changes,
        "sequences of aggregates": chains.of_aggregates,
        "sequences of consumers": chains.of_consumers,
        "dead letters are the poison that was sent": letters.dead_letters_are_poison,
        "all is at rest": letters.at_rest,
        "each leg goes to its own agency": addressed.legs,
        "packets are sealed to their own agency": addressed.packets,
        "messages lie in their own inbox": addressed.messages,
        "agencies' systems hold what is theirs": addressed.outside,
        "filings are audited": audits.filings,
        "withdrawals are audited": audits.withdrawals,
        "decisions are audited": audits.decisions,
        "openings are audited": audits.openings,
        "refusals are audited": audits.refusals,
        "intake mirrors its legs": mirrors.legs,
        "requests follow their legs": mirrors.requests,
    }
)
