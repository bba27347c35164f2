"""数据来源: the table of sources that Chinese filings of generative services ask for.

After TC260-003-2024 (5.1), GB/T 45654-2025 and GB/T 45652-2025: where each corpus comes from, under
which licence or contract, how much of it, in which language, what proves it, whether it holds
personal information, how it was sampled; and the base model. What a run cannot know is marked with
who has to fill it in, and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from accord.release.facts import Facts, Source
from accord.release.markdown import code, plain, table

KIND: Mapping[str, str] = {
    "public": "开源",
    "licensed": "商业采购",
    "third-party": "第三方提供",
    "crawled": "自采（爬取）",
    "users": "使用者输入",
    "synthetic": "合成",
    "own": "自有",
}
LANGUAGE: Mapping[str, str] = {
    **{"zh": "中文", "en": "英文", "de": "德文", "fr": "法文", "es": "西班牙文", "ja": "日文"},
    **{"ko": "韩文", "ru": "俄文", "pt": "葡萄牙文", "it": "意大利文", "ar": "阿拉伯文"},
    **{"hi": "印地文", "nl": "荷兰文", "pl": "波兰文", "tr": "土耳其文", "vi": "越南文"},
    **{"th": "泰文", "id": "印尼文", "bo": "藏文", "ug": "维吾尔文", "mn": "蒙古文", "yue": "粤语"},
}
MODALITY: Mapping[str, str] = {"text": "文本", "image": "图像", "table": "表格"}
VERDICT: Mapping[str, str] = {"allow": "允许", "warn": "允许（有提示）", "deny": "不允许"}
READING: Mapping[str, str] = {"literal": "字面", "cautious": "审慎", "licensor": "许可方"}
SPLITS: Mapping[str, str] = {"train": "训练", "validation": "验证", "test": "测试"}
MARK = "**〔待填写："
"""Begins what somebody has to fill in; it stands in bold type, to be found and counted."""
DIGITS = 16
"""Of a hash; the data cards have all of them."""
HASHES = 3
"""Of the files of a source; the data cards have all of them."""


def todo(who: str, why: str) -> str:
    """A cell that somebody has to fill in."""
    return f"{MARK}{who}；{why}〕**"


UNSAID = todo("数据负责人", f"协议未写明取得方式（{code('obtained')}）")
PROOF: Mapping[str, str] = {
    "licensed": todo("采购负责人", "须附交易合同及供方对来源、质量、安全的承诺与证明材料"),
    "third-party": todo("数据负责人", "须附提供方的来源说明"),
    "crawled": todo("采集人员", "采集早于训练，须附采集时间、范围及遵守爬虫协议的记录"),
    "users": todo("产品负责人", "须附使用者授权记录，训练记录中没有"),
    "own": todo("数据负责人", "须附数据形成时间与方式的说明"),
    "": UNSAID,
}


def chinese_sources(facts: Facts) -> str:
    """The document as Markdown; the same facts give the same bytes."""
    body = "\n".join(_body(facts))
    return "\n".join((*_head(facts, body.count(MARK)), body)) + "\n"


def _head(facts: Facts, left: int) -> Iterator[str]:
    named = plain(facts.provider or "")
    yield f"# {plain(facts.title)} {plain(facts.version)} 训练数据来源说明"
    yield ""
    yield (
        f"提供者：{named or todo('提供者', '配方中未写明')}；"
        f"日期：{facts.day.year}年{facts.day.month}月{facts.day.day}日。"
    )
    yield ""
    yield (
        "本说明由系统根据训练记录与数据协议自动生成，不构成法律意见。"
        f"训练记录无法得知的内容以“待填写”标出，并注明由谁填写及原因，共 {left + (not named)} 处。"
    )
    yield ""


def _body(facts: Facts) -> Iterator[str]:
    learnt = facts.of("learnt")
    every = (*learnt, *facts.of("measured"))
    yield "## 一、数据来源"
    head = ("编号", "来源类型", "来源名称", "来源地址", "许可协议或合同编号", "权利人", "授权期限")
    yield from table(head, (_origin(number, one) for number, one in enumerate(every, 1)))
    yield "## 二、数据规模与内容"
    head = ("编号", "模态", "语言", "用途与行数", "文件大小（字节）", "文件哈希（SHA-256）")
    yield from table(head, (_size(number, one, facts) for number, one in enumerate(every, 1)))
    yield f"哈希取前 {DIGITS} 位，完整值见 {code('data/')} 目录下的数据卡。"
    yield ""
    yield "## 三、来源证明与安全"
    head = ("编号", "来源证明材料", "个人信息及同意依据", "抽检数量与合格率", "黑名单比对结果")
    yield from table(head, (_safety(number, one) for number, one in enumerate(learnt, 1)))
    yield from _mix(learnt, facts)
    yield from _models(facts)
    yield "## 五、数据处理与权利义务核查"
    yield ""
    yield from _processing(facts)


def _name(source: Source) -> str:
    return "自有数据" if source.own and source.title == "own" else plain(source.title)


def _license(source: Source) -> str:
    told = "自有，无须许可" if source.own else plain(source.license)
    if source.text_sha256:
        told += f"（文本哈希 {code(source.text_sha256[:DIGITS])}）"
    return told


def _place(source: Source) -> str:
    if source.origin:
        return plain(source.origin)
    return "提供者自有" if source.own else todo("数据负责人", "协议未写明来源地址")


def _origin(number: int, source: Source) -> tuple[str, ...]:
    return (
        str(number),
        KIND.get(source.obtained) or UNSAID,
        _name(source),
        _place(source),
        _license(source),
        plain(source.holder) or todo("数据负责人", "协议未写明权利人"),
        f"至 {source.until}" if source.until else "未约定终止日",
    )


def _size(number: int, source: Source, facts: Facts) -> tuple[str, ...]:
    rows = "，".join(f"{SPLITS[s]} {n:,} 行" for s, n in source.rows.items() if s in SPLITS and n)
    sizes = [file.size for file in source.files if file.size is not None]
    hashes = [file.sha256 for file in source.files if file.sha256]
    shown = "、".join(code(one[:DIGITS]) for one in hashes[:HASHES])
    return (
        str(number),
        MODALITY[facts.modality],
        _languages(facts),
        rows or "0 行",
        f"{sum(sizes):,}" if sizes else "未记录",
        (f"{shown} 等 {len(hashes)} 个文件" if len(hashes) > HASHES else shown) or "未记录",
    )


def _languages(facts: Facts) -> str:
    if facts.modality != "text":
        return "不适用"
    named = (LANGUAGE.get(one.split("-")[0].lower()) or plain(one) for one in facts.languages)
    unsaid = todo("提供者", f"配方中未写明语种（{code('release.languages')}）")
    return "、".join(dict.fromkeys(filter(None, named))) or unsaid


def _safety(number: int, source: Source) -> tuple[str, ...]:
    return (
        str(number),
        _proof(source),
        todo("个人信息保护负责人", "训练过程未识别个人信息"),
        todo("数据安全负责人", "须人工抽检"),
        todo("数据安全负责人", "训练过程未做比对"),
    )


def _proof(source: Source) -> str:
    """What shows that the source is lawful, by the kind of source."""
    if source.obtained == "synthetic":
        if source.kind in ("model", "service"):
            return f"由“{_name(source)}”生成"
        return todo("数据负责人", "协议未写明生成数据所用的模型")
    if source.obtained == "public":
        known = source.text_sha256 is not None
        return "开源许可协议文本（哈希见表一）" if known else todo("数据负责人", "须附开源许可协议")
    return PROOF[source.obtained]


def _mix(learnt: tuple[Source, ...], facts: Facts) -> Iterator[str]:
    """How many sources of each kind: the standards ask for several, in a sensible mix."""
    kinds = Counter(KIND.get(source.obtained, "取得方式未写明") for source in learnt)
    told = "、".join(f"{kind} {count} 个" for kind, count in kinds.items())
    yield f"- 训练数据来源共 {len(learnt)} 个" + (f"：{told}。" if told else "。")
    yield f"- 境内外来源搭配：{todo('数据负责人', '协议未写明来源属于境内或境外')}"
    yield ""


def _models(facts: Facts) -> Iterator[str]:
    yield "## 四、基础模型来源"
    bases = facts.of("base", "taught", "inside")
    if not bases:
        yield from ("", "未使用基础模型，由随机初始化训练。", "")
        return
    head = ("名称", "关系", "来源地址", "许可协议或合同编号", "备案情况")
    yield from table(head, map(_model, bases))


def _model(source: Source) -> tuple[str, ...]:
    base = source.part == "base"
    relation = {"base": "基础模型", "taught": "教师模型（仅学习其输出）"}
    return (
        _name(source),
        relation.get(source.part, "基础模型所含作品"),
        _place(source),
        _license(source),
        todo("提供者", "须核实是否为已备案的基础模型") if base else "不适用",
    )


def _processing(facts: Facts) -> Iterator[str]:
    data = facts.summary["data"]
    gone = sum(one["rows"] for one in data.get("removed") or [])
    read = data.get("read") or 0
    yield f"- 共读取 {read:,} 行，剔除 {gone:,} 行，逐步骤明细见 {code('report.md')}。"
    loss = facts.summary.get("privacy") or {}
    if loss.get("epsilon") is not None:
        yield f"- 已采用差分隐私训练：ε = {loss['epsilon']:.4g}，δ = {loss['delta']:.4g}。"
    yield (
        f"- 协议核查结论：{VERDICT[facts.verdict['verdict']]}"
        f"（按{READING[facts.verdict['reading']]}解释），条款依据见 {code('release.json')}。"
    )
    count = len(facts.verdict["obligations"])
    yield f"- 须履行的义务 {count} 项，履行方式见 {code('NOTICE')} 与 {code('README.md')}。"
    for work, why in facts.waivers.items():
        yield f"- 已由负责人确认的提示：{plain(work)}：{plain(why)}。"
    yield f"- 模型发布许可：{plain(facts.license)}。"


__all__ = ["MARK", "chinese_sources", "todo"]
