"""After reading: the share of wrong rows with its interval, the reasons, and what to do about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine.data.rates import Interval, wilson
from engine.data.review.desk import Desk
from engine.data.review.resolution import disagreements, finals
from engine.data.review.rules import review_rules


@dataclass(frozen=True)
class Share:
    """`count` of the drawn rows have this reason; `rate` is their share among all rows (0..1) at 95 %."""

    reason: str
    count: int
    rate: Interval


@dataclass(frozen=True)
class ReviewResult:
    """Measured on the drawn rows only; flagged rows are counted apart, since they were chosen for being odd."""

    read: int
    kept: int
    fixed: int
    dropped: int
    whole: bool
    rate: Interval | None
    shares: list[Share]
    flagged_read: int
    flagged_wrong: int
    open_disagreements: int
    sentence: str
    advice: list[str]

    @property
    def wrong(self) -> int:
        """Rows to fix or to leave out."""
        return self.fixed + self.dropped


def measure(desk: Desk) -> ReviewResult:
    """Count the final verdicts. Raises Conflict while one of several readers is not done."""
    final = finals(desk)
    sampled = [final[item.row_id] for item in desk.items if item.sampled and item.row_id in final]
    flagged = [final[item.row_id] for item in desk.items if not item.sampled and item.row_id in final]
    actions = Counter(said.action for said in sampled)
    read, wrong = len(sampled), actions["fix"] + actions["drop"]
    whole = read >= desk.queue.drawn_from > 0
    rate = None
    if read:
        rate = Interval(wrong / read, wrong / read, wrong / read) if whole else wilson(wrong, read)
    counts = Counter(said.reason for said in sampled if said.action != "keep")
    shares = [Share(reason, count, wilson(count, read)) for reason, count in counts.most_common()]
    return ReviewResult(
        read=read,
        kept=actions["keep"],
        fixed=actions["fix"],
        dropped=actions["drop"],
        whole=whole,
        rate=rate,
        shares=shares,
        flagged_read=len(flagged),
        flagged_wrong=sum(said.action != "keep" for said in flagged),
        open_disagreements=sum(found.joint is None for found in disagreements(desk)),
        sentence=_sentence(read, wrong, rate, whole, desk.queue.drawn_from),
        advice=_advice(rate, shares),
    )


def _sentence(read: int, wrong: int, rate: Interval | None, whole: bool, rows: int) -> str:
    if rate is None:
        return "No row that was drawn at random has a verdict yet."
    verb = "is" if wrong == 1 else "are"
    if whole:
        return f"{wrong:,} of all {rows:,} rows {verb} wrong ({rate.value:.1%}). Every row was read."
    low, high = round(rate.low * rows), round(rate.high * rows)
    return (
        f"{wrong:,} of {read:,} rows read {verb} wrong: {rate.value:.0%}. Among all {rows:,} rows it is most likely "
        f"between {rate.low:.1%} and {rate.high:.1%}, which is {low:,} to {high:,} rows."
    )


def _advice(rate: Interval | None, shares: list[Share]) -> list[str]:
    rules = review_rules()
    if rate is None:
        return []
    if rate.low > rules.share.stop:
        first = "Do not train yet: leaving out the rows you found is not enough, since the unread rows are as wrong."
    elif rate.high < rules.share.calm:
        first = "Good enough to train: apply your verdicts and go on."
    elif not shares:
        first = "Nothing wrong was found, but the sample is small: read more rows to be sure."
    else:
        first = "Apply your verdicts. Then look for more rows like the wrong ones before you train."
    return [first, *(f"{rules.reasons[share.reason].title}: {rules.reasons[share.reason].advice}" for share in shares)]
