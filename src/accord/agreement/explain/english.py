"""The words of English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from accord.agreement.explain.language import Language
from accord.agreement.explain.place import english
from accord.agreement.explain.speech import Group
from accord.rule import Value, Variable

SHOWN = 6
PURPOSES = {
    "production": "use in production",
    "reading": "reading by people",
    "imitation": "to make a model that performs like it",
    "competing": "to compete with whoever provides it",
    "foundation-model": "to make or improve a foundation model",
}
ROLES = {"train": "training", "eval": "evaluation only"}


def either(names: Sequence[str]) -> str:
    """`a, b or c`."""
    return _joined(names, "or")


def every(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return _joined(names, "and")


def value(variable: Variable, found: Value) -> str:
    """A value in words."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int | float):
        number = f"{found:,.0f}" if found == int(found) else f"{found:g}"
        return f"US$ {number}" if variable == "revenue" else number
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, frozenset):
        return either(sorted(found))
    known = {"purpose": PURPOSES, "role": ROLES}.get(variable, {})
    if variable == "name":
        return f"“{found}”"
    return english(found) if variable == "region" else known.get(found, found)


def _joined(names: Sequence[str], word: str) -> str:
    shown = list(names)
    if len(shown) > SHOWN:
        shown = [*shown[: SHOWN - 1], f"{len(shown) - SHOWN + 1} more"]
    return f" {word} ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


_OUTPUTS: dict[Group, str] = {
    "data": "{its} outputs",
    "models": "models that learnt from {its} outputs",
    "all": "{its} outputs (and what learnt from them)",
}
ENGLISH = Language(
    tag="en",
    works={
        "data": "the data set",
        "model": "the model",
        "service": "the service",
        "code": "the code",
    },
    made={
        "data": {
            "derived": {
                "data": "data adapted from {it}",
                "models": "models trained on {it}",
                "all": "what is adapted from or trained on {it}",
            },
            "outputs": {
                "data": "what models trained on {it} generate",
                "models": "models that learnt from outputs of models trained on {it}",
                "all": "what models trained on {it} generate (and what learns from that)",
            },
        },
        "model": {
            "derived": {
                "data": "data adapted from {it}",
                "models": "models adapted from {it}",
                "all": "models adapted from {it}",
            },
            "outputs": _OUTPUTS,
        },
        "service": {
            "derived": {
                "data": "data adapted from {it}",
                "models": "models made from {it}",
                "all": "what is made from {it}",
            },
            "outputs": _OUTPUTS,
        },
        "code": {
            "derived": {
                "data": "works adapted from {it}",
                "models": "models made from {it}",
                "all": "what is made from {it}",
            },
            "outputs": _OUTPUTS,
        },
    },
    seen=("it", "its"),
    unseen=("{}", "{}'s"),
    many=("them", "their"),
    verbs={
        "use": "use",
        "share": "share",
        "serve": "host",
        "evaluate": "evaluate with",
        "train": "train on",
    },
    trains={"data": "train on", "models": "adapt", "all": "train with"},
    learns={
        "data": "train on what models trained on {it} generate",
        "model": "train other models on {its} outputs",
        "service": "train models on {its} outputs",
        "code": "train on what {it} generates",
    },
    topic=False,
    anything="do anything with {things}",
    or_learn={True: "{}, and {}", False: "{}, or {}"},
    sentences={
        "permit": "You may {deed}{when}.",
        "forbid": "You may not {deed}{when}.",
        "unless": "You may not {deed}, unless {when}.",
        "require": "If you {deed}{when}, you must {duty}.",
        "silent": "Nothing here allows you to {deed}.",
    },
    when={"permit": ", if {}", "forbid": ", if {}", "require": " and {}"},
    either=either,
    every=every,
    conjoin=" and ",
    nouns={
        "purpose": "the purpose",
        "commercial": "commercial use",
        "monthly_users": "the number of your products' monthly users",
        "revenue": "your yearly revenue",
        "region": "the place of use",
        "party": "the one who does it",
        "date": "the day",
        "runs": "the number of training runs",
        "role": "the role of the data",
        "epsilon": "the privacy loss ε",
        "name": "the name of the result",
        "outbound": "the licence of the result",
        "openness": "the openness grade of the result",
    },
    compares={
        "in": "{noun} is {values}",
        "not in": "{noun} is not {values}",
        "<": "{noun} is below {values}",
        "<=": "{noun} is at most {values}",
        ">": "{noun} is above {values}",
        ">=": "{noun} is at least {values}",
        "starts with": "{noun} begins with {values}",
    },
    idioms={
        ("monthly_users", ">"): "your products have more than {} users a month",
        ("region", "in"): "it is done in {}",
        ("region", "not in"): "it is not done in {}",
        ("party", "in"): "you are {}",
        ("party", "not in"): "you are not {}",
        ("date", "<"): "it is done before {}",
        ("date", "<="): "it is done by {}",
        ("date", ">"): "it is done after {}",
        ("date", ">="): "it is done on {} or later",
        ("role", "in"): "it is done for {}",
        ("role", "not in"): "it is not done for {}",
        ("outbound", "in"): "what comes of it is given on under {}",
        ("outbound", "not in"): "what comes of it is not given on under {}",
    },
    value=value,
    duties={
        "cite": ("cite {}", "name the authors and the source of {work}, and link its licence"),
        "notice": ("include the notice {}", "keep the notices of {work}"),
        "copy-terms": ("give {} along", "give along a copy of the licence of {work}"),
        "state-changes": ("say what was changed: {}", "say whether and how it was changed"),
        "same-licence": ("do so under {}", "do so under the same licence"),
        "pass-on": (
            "hold those who get it to the same limits of use, under terms such as {}",
            "hold those who get it to the same limits of use",
        ),
        "disclose-source": ("make available {}", "make the source, or the changed data, available"),
        "name-prefix": ("give it a name that begins with {}", "name it as the licence says"),
        "display": ("show {} where people see it", "show the words that the licence says"),
        "delete-by": ("delete all copies by {}", "delete all copies when it ends"),
        "report": ("report {}", "report to whoever gave it"),
        "dp": (
            "do so with differential privacy, with a privacy loss of at most {}",
            "do so with differential privacy",
        ),
        "register": ("first register or apply: {}", "first register with whoever gave it"),
        "encrypt": ("keep it encrypted: {}", "keep it, and copies of it, encrypted at rest"),
    },
    spares=" Generating data with it is not meant.",
    labels={
        "commercial": "the use is commercial",
        "not commercial": "the use is not commercial",
        "of licence": "{name}: what it says of {work}",
        "of work": "{name}: {work}",
        "held": ", held by {}",
        "from": ", from {}",
        "several": "There are {} alternatives; whoever takes it chooses one.",
        "alternative": "Alternative {}: {}",
        "other kinds": "It is also meant for {}: --kind says what it says of them.",
        "since": "Holds from {}.",
        "until": "Holds until {}, that day included.",
        "endless": "No end is set.",
        "budget": "Budget, over all runs together: {}.",
        "epsilon": "privacy loss: ε = {}",
        "delta": "δ = {}",
        "unit": "counted for each {}",
        "runs": "training runs: {}",
        "accesses": "openings of the data: {}",
        "permit": "Allowed",
        "forbid": "Forbidden",
        "require": "Required",
        "contested": "Contested: the text does not name the case, and its readers disagree",
        "unknown": "Nothing is known of these terms, and nothing is allowed in silence: all rights "
        "are to be taken as reserved. Read them, and write down what they say: accord agree new.",
        "ask": "To be answered first: {}",
        "strictest": "Until that is answered, the limits of the strictest of them are shown.",
        "note": "Note: {}",
        "facts": "Source: {name}, {read_from}, read on {read_on}",
        "unread": "Source: {name}: the text was not read: {why}",
        "hash": "its text has the SHA-256 {}",
        "file": "Source: {}",
        "stale": "These facts are over a year old: read the text again.",
        "host": "To host is to let others use it over a network.",
        "disclaimer": "This is no legal advice.",
        "reserved": "not known",
        "joint": "; ",
        "comma": ", ",
        "colon": ": ",
        "one data": "a data set",
        "one model": "a model",
        "one service": "a service",
        "one code": "code",
        "members": "It may mean {}.",
        "kind data": "data sets",
        "kind model": "models",
        "kind service": "services",
        "kind code": "code",
        "unit record": "record",
        "unit user": "user",
        "unit group": "group",
        "unit source": "source",
    },
    effects={
        "permit": {"deny": "not allowed", "warn": "a warning", "allow": "allowed"},
        "forbid": {"deny": "forbidden", "warn": "a warning", "allow": "not forbidden"},
        "require": {
            "deny": "owed",
            "warn": "owed, and a warning if it is left out",
            "allow": "not owed",
        },
    },
    pointer=" [{}]",
    tidy=lambda text: text.replace(".”.", ".”"),
    readings={"literal": "literally", "cautious": "cautiously", "licensor": "as the licensor"},
    place="for {things}: {effect}",
    phrase=lambda text: text,
    quote="“{}”",
)
