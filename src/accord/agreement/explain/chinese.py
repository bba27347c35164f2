"""The words of Chinese (Simplified)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from accord.agreement.explain.language import Language
from accord.agreement.explain.place import chinese
from accord.agreement.explain.speech import Group
from accord.rule import Value, Variable

SHOWN = 6
PURPOSES = {
    "research": "研究",
    "teaching": "教学",
    "evaluation": "评测",
    "reading": "供人阅读",
    "production": "生产使用",
    "imitation": "制作与其表现相仿的模型",
    "competing": "与其提供方竞争",
    "foundation-model": "制作或改进基础模型",
}
ROLES = {"train": "训练", "eval": "评测"}
_TERMS = re.compile(r"What do the terms of (.+) allow\? They are not among the licence facts\.")
_SOMEBODY = re.compile(r"somebody whom (.+) allows it")


def either(names: Sequence[str]) -> str:
    """`甲、乙或丙`."""
    return _joined(names, "或")


def every(names: Sequence[str]) -> str:
    """`甲、乙和丙`."""
    return _joined(names, "和")


def number(found: float) -> str:
    """A number as it is counted in Chinese: `7亿`, `100万`."""
    if found >= 1e8 and found % 1e6 == 0:
        return f"{found / 1e8:g}亿"
    if found >= 1e4 and found % 100 == 0:
        return f"{found / 1e4:g}万"
    return f"{found:,.0f}" if found == int(found) else f"{found:g}"


def value(variable: Variable, found: Value) -> str:
    """A value in words."""
    if isinstance(found, bool):
        return "是" if found else "否"
    if isinstance(found, int | float):
        return f"{number(found)}美元" if variable == "revenue" else number(found)
    if isinstance(found, date):
        return f"{found.year}年{found.month}月{found.day}日"
    if isinstance(found, frozenset):
        return either(sorted(found))
    if variable == "date":
        return value(variable, date.fromisoformat(found))
    if variable == "name":
        return f"“{found}”"
    if variable == "region":
        return chinese(found)
    known = {"purpose": PURPOSES, "role": ROLES}.get(variable, {})
    return known.get(found) or phrase(found)


def phrase(text: str) -> str:
    """Free text of the licence facts in Chinese; what is not among it, as it was written."""
    known = phrases()
    found = known.get(text)
    if found is not None:
        return found
    asked = _TERMS.fullmatch(text)
    if asked is not None:
        return f"{asked[1]}的条款允许什么？已知的许可中没有它。"
    somebody = _SOMEBODY.fullmatch(text)
    if somebody is not None:
        return f"{somebody[1]}所许可的人"
    if "; " in text:
        return "；".join(phrase(part) for part in text.split("; "))
    return text


@cache
def phrases() -> Mapping[str, str]:
    """What the licence facts say in English words, in Chinese."""
    text = files("accord.agreement.explain").joinpath("chinese_phrases.toml").read_text("utf-8")
    return {row["en"]: row["zh"] for row in tomllib.loads(text)["phrase"]}


def _joined(names: Sequence[str], word: str) -> str:
    shown = list(names)
    if len(shown) > SHOWN:
        shown = [*shown[: SHOWN - 1], f"其余{len(shown) - SHOWN + 1}项"]
    return word.join(filter(None, ("、".join(shown[:-1]), *shown[-1:])))


_OUTPUTS: dict[Group, str] = {
    "data": "{its}输出",
    "models": "用{its}输出训练的模型",
    "all": "{its}输出（以及由此训练的模型）",
}
CHINESE = Language(
    tag="zh",
    works={"data": "该数据集", "model": "该模型", "service": "该服务", "code": "该代码"},
    made={
        "data": {
            "derived": {
                "data": "由{it}改编的数据",
                "models": "用{it}训练的模型",
                "all": "由{it}改编或用{it}训练而成的成果",
            },
            "outputs": {
                "data": "用{it}训练的模型所生成的内容",
                "models": "用{its}下游模型的输出训练的模型",
                "all": "用{it}训练的模型所生成的内容（以及由此训练的模型）",
            },
        },
        "model": {
            "derived": {
                "data": "由{it}改编的数据",
                "models": "{its}衍生模型",
                "all": "{its}衍生模型",
            },
            "outputs": _OUTPUTS,
        },
        "service": {
            "derived": {
                "data": "由{it}改编的数据",
                "models": "基于{it}制作的模型",
                "all": "基于{it}制作的成果",
            },
            "outputs": _OUTPUTS,
        },
        "code": {
            "derived": {
                "data": "由{it}改编的作品",
                "models": "基于{it}制作的模型",
                "all": "基于{it}制作的成果",
            },
            "outputs": _OUTPUTS,
        },
    },
    seen=("其", "其"),
    unseen=("{}", "{}的"),
    many=("其", "其"),
    verbs={
        "use": "使用",
        "share": "分发",
        "serve": "通过网络提供",
        "evaluate": "用于评测",
        "train": "用于训练",
    },
    trains={"data": "用于训练", "models": "改造（如微调）", "all": "用于训练"},
    learns={
        "data": "使用由其训练的模型的输出进行训练",
        "model": "用其输出训练其他模型",
        "service": "用其输出训练模型",
        "code": "用其生成的内容作训练",
    },
    topic=True,
    anything="以任何方式使用",
    or_learn={True: "{}，以及{}", False: "{}，或{}"},
    sentences={
        "permit": "对于{things}，{when}您可以{deed}。",
        "forbid": "对于{things}，{when}您不得{deed}。",
        "unless": "对于{things}，除非{when}，否则您不得{deed}。",
        "require": "对于{things}，在{deed}时，{when}您须{duty}。",
        "silent": "对于{things}，没有任何条款允许您{deed}。",
    },
    when={"permit": "若{}，", "forbid": "若{}，", "require": "若{}，"},
    either=either,
    every=every,
    conjoin="，且",
    nouns={
        "purpose": "用途",
        "commercial": "商业使用",
        "monthly_users": "您的产品的月活跃用户数",
        "revenue": "您的年收入",
        "region": "使用地区",
        "party": "行为人",
        "date": "日期",
        "runs": "训练次数",
        "role": "数据的用法",
        "epsilon": "隐私损失ε",
        "name": "成果的名称",
        "outbound": "成果的许可",
        "openness": "成果的开放等级",
    },
    compares={
        "in": "{noun}为{values}",
        "not in": "{noun}不是{values}",
        "<": "{noun}低于{values}",
        "<=": "{noun}不超过{values}",
        ">": "{noun}超过{values}",
        ">=": "{noun}不低于{values}",
        "starts with": "{noun}以{values}开头",
    },
    idioms={
        ("region", "in"): "在{}使用",
        ("region", "not in"): "不在{}使用",
        ("party", "in"): "您是{}",
        ("party", "not in"): "您不是{}",
        ("date", "<"): "在{}之前",
        ("date", "<="): "不晚于{}",
        ("date", ">"): "在{}之后",
        ("date", ">="): "不早于{}",
        ("role", "in"): "用于{}",
        ("role", "not in"): "不用于{}",
        ("outbound", "in"): "所得成果以{}发布",
        ("outbound", "not in"): "所得成果不以{}发布",
    },
    value=value,
    duties={
        "cite": ("注明出处：{}", "注明{work}的作者与来源，并附上许可协议的链接"),
        "notice": ("附上声明：{}", "保留{work}的各项声明"),
        "copy-terms": ("随附{}", "随附一份{work}的许可协议"),
        "state-changes": ("说明所作的修改：{}", "说明是否及如何作了修改"),
        "same-licence": ("以{}发布", "以相同的许可发布"),
        "pass-on": (
            "要求获得者遵守同样的使用限制（例如采用{}）",
            "要求获得者遵守同样的使用限制",
        ),
        "disclose-source": ("一并提供{}", "一并提供源代码或修改后的数据"),
        "name-prefix": ("使成果的名称以{}开头", "按许可的要求命名成果"),
        "display": ("在显著位置标明{}", "在显著位置标明许可所要求的字样"),
        "delete-by": ("最迟于{}删除所有副本", "在许可终止时删除所有副本"),
        "report": ("报告：{}", "向提供方报告"),
        "dp": ("采用差分隐私训练，隐私损失不超过{}", "采用差分隐私训练"),
        "register": ("事先登记或申请：{}", "事先向提供方登记"),
        "encrypt": ("加密存储：{}", "对其及其副本加密存储"),
    },
    spares="（用其生成数据不在此列。）",
    labels={
        "commercial": "用于商业目的",
        "not commercial": "不用于商业目的",
        "of licence": "{name}：对{work}的规定",
        "of work": "{name}：{work}",
        "held": "，权利人：{}",
        "from": "，来源：{}",
        "several": "共有{}组可选条款，使用者可任选其一。",
        "alternative": "选项{}：{}",
        "other kinds": "它也适用于{}：用--kind查看相应的规定。",
        "since": "自{}起有效。",
        "until": "有效期至{}（含当日）。",
        "endless": "未规定期限。",
        "budget": "各次运行合计的预算：{}。",
        "epsilon": "隐私损失 ε = {}",
        "delta": "δ = {}",
        "unit": "以每个{}计",
        "runs": "训练{}次",
        "accesses": "打开数据{}次",
        "permit": "允许",
        "forbid": "禁止",
        "require": "要求",
        "contested": "有争议：文本未明确提及，读者解读不一",
        "unknown": "这些条款的内容不明，未明示的一概不视为允许，应按保留所有权利对待。"
        "请先阅读条款，再用accord agree new写下其内容。",
        "ask": "须先回答：{}",
        "strictest": "在此之前，按其中最严格的一种列出限制。",
        "note": "备注：{}",
        "facts": "依据：{name}，{read_from}，阅读日期{read_on}",
        "unread": "依据：{name}：未读到原文：{why}",
        "hash": "原文的SHA-256为{}",
        "file": "依据：{}",
        "stale": "上述内容读于一年多以前，请重新核对原文。",
        "host": "“通过网络提供”指让他人经由网络使用。",
        "disclaimer": "本说明不构成法律意见。",
        "reserved": "不明",
        "joint": "；",
        "comma": "，",
        "colon": "：",
        "one data": "数据集",
        "one model": "模型",
        "one service": "服务",
        "one code": "代码",
        "members": "可能是{}。",
        "kind data": "数据集",
        "kind model": "模型",
        "kind service": "服务",
        "kind code": "代码",
        "unit record": "记录",
        "unit user": "用户",
        "unit group": "群组",
        "unit source": "来源",
    },
    effects={
        "permit": {"deny": "不构成许可", "warn": "警告", "allow": "构成许可"},
        "forbid": {"deny": "禁止", "warn": "警告", "allow": "不禁止"},
        "require": {
            "deny": "应当履行",
            "warn": "应当履行，不履行则警告",
            "allow": "无须履行",
        },
    },
    pointer="（{}）",
    tidy=lambda text: text,
    readings={"literal": "从字面解读", "cautious": "从谨慎解读", "licensor": "按许可方的解读"},
    place="就{things}而言{effect}",
    phrase=phrase,
    quote="“{}”",
)
