"""Rules about legs that a change may break, each with its own name and the words that tell the way out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.text import Text

BREACHES: Mapping[str, Text] = MappingProxyType(
    {
        "consent-ended": Text(
            "没有覆盖该事项的有效同意，不能再向该单位发送任何内容。请先取得本人新的同意。",
            "No valid consent covers this leg, so nothing new may be sent. Take a new consent from the person first.",
        ),
        "contact-consent-ended": Text(
            "没有有效的通知同意，或已撤回：本人不会收到任何提示。如需提示，请重新登记。",
            "There is no consent to be told, or it was withdrawn: nothing is sent to the person. Record one anew if "
            "they wish it.",
        ),
        "leg-frozen": Text(
            "本人已撤回同意，该事项的资料已冻结，不能再发送任何内容。",
            "Consent was withdrawn and the leg's data are frozen: nothing new may be sent.",
        ),
        "nothing-withdrawn": Text(
            "对该事项的同意没有撤回，单位没有须作的答复。",
            "No consent for this leg was withdrawn, so its agency owes no answer to that.",
        ),
        "leg-ended": Text(
            "该事项已结束。如需继续，请申请重新办理或增加新的事项。",
            "This leg has ended. Ask for it to be reopened, or add a new leg.",
        ),
        "leg-not-ended": Text(
            "该事项尚未办结，办结后才能这样做。", "This leg has not been closed yet; do this once it has."
        ),
        "leg-not-issued": Text(
            "该事项尚未送达单位，请待送达后再操作。",
            "The leg has not reached its agency yet; try again once it has been issued.",
        ),
        "papers-not-wanted": Text(
            "该单位目前没有要求补正材料。新的材料可在办理材料中上传。",
            "The agency is not waiting for papers. Upload further papers to the request instead.",
        ),
        "papers-missing": Text(
            "请先上传单位要求的材料：{papers}。", "Upload the papers the agency asked for first: {papers}."
        ),
        "papers-not-covered": Text(
            "对{agency}的同意不包括{kinds}，该单位看不到{papers}。请先取得本人包含{kinds}的同意（可只增加同意），再补送。",
            "The consent for {agency} does not cover {kinds}, so it would not see {papers}. Take a wider one from the "
            "person that names {kinds} too (a consent can be added alone), then supply the papers.",
        ),
        "slip-missing": Text(
            "请先上传单位书面答复的扫描件，再登记。",
            "Upload a scan of the agency's written answer first, then record it.",
        ),
        "slip-spent": Text(
            "已凭这份扫描件登记过一项答复。每份扫描件只能登记一项答复：请上传另一份书面答复的扫描件。",
            "An answer was recorded by this scan already, and each scan serves one: upload the scan of this answer.",
        ),
        "command-under-way": Text(
            "同样的请求正在等待答复，请稍候再看结果。",
            "The same was asked already and waits for its answer; look again in a moment.",
        ),
        "already-rated": Text("该事项已经评价过。", "This leg has been rated already."),
        "no-reissue-asked": Text(
            "没有要求为该事项重新转介。若要增加事项，请不要填写 replaces。",
            "No successor was asked for in this leg's place. To add a further leg, leave `replaces` out.",
        ),
        "second-factor-in-use": Text(
            "此账号已启用动态口令。如需更换手机，请先停用，再重新启用。",
            "This account has a second factor. To change the telephone, remove it first and begin again.",
        ),
        "nothing-to-confirm": Text(
            "没有等待确认的动态口令，请重新开始启用。", "No second factor waits to be confirmed; begin again."
        ),
        "no-second-factor": Text("此账号没有启用动态口令。", "This account has no second factor."),
        "consent-withdrawn": Text("该同意已经撤回。", "This consent was withdrawn already."),
        "nothing-changed": Text(
            "填写的内容与原来相同，没有可更正的。",
            "What you sent is what is there already; nothing to correct.",
        ),
        "same-request": Text(
            "不能与自身合并，请选择另一件申请。", "A request cannot be merged into itself; choose another."
        ),
        "different-person": Text(
            "两件申请的证件号不同或未填写，不能合并。请先核对并更正。",
            "The two requests do not bear the same ID number, so they cannot be merged. Check and correct them first.",
        ),
        "content-removed": Text(
            "保存期限已满，该申请的内容已按规定删除，不能再办理。如需帮助，请重新登记申请。",
            "The time for which this request was kept is over and its content has been removed. File a new request if "
            "help is needed.",
        ),
        "legs-open": Text(
            "尚有未办结的事项（{numbers}），不能删除资料。请先撤回这些事项或撤回同意，待其结束后再提出。",
            "Legs are still open ({numbers}), so nothing can be erased. Withdraw them or their consents first, and ask "
            "again once they have ended.",
        ),
        "erasure-under-way": Text(
            "已经提出过删除，正在等待决定或保存期满。",
            "Erasure has been asked for already; it waits for a decision or for the end of a hold.",
        ),
        "objection-answered": Text("该异议已经答复过。", "This objection has been answered already."),
        "nothing-erased": Text(
            "尚未删除，没有单位可答复。", "Nothing has been erased yet, so no agency was asked."
        ),
        "erasure-settled": Text("该删除申请已经决定过。", "This erasure has been decided already."),
        "own-erasure": Text(
            "提出删除的人不能自己批准，请由另一名数据保护人员决定。",
            "Whoever asked for an erasure cannot approve it; another person must decide.",
        ),
        "merged": Text(
            "该申请已并入 {number}，请在那件申请中操作。",
            "This request was merged into {number}; go on with that one.",
        ),
    }
)
"""The last part of the problem type → what is said."""


class Breach(Exception):
    """A rule was broken; nothing has changed. ``id`` names the rule."""

    def __init__(self, id: str, **values: str | Text) -> None:  # noqa: A002 - as in a problem
        self.id = id
        self.explanation = BREACHES[id].format(**values)
        super().__init__(str(self.explanation))
