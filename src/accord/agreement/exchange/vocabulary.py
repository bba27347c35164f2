"""Words of ODRL 2.2 and what they are among our rules.

https://www.w3.org/TR/odrl-model/ ; https://www.w3.org/TR/odrl-vocab/ . What ODRL has no word for
stands under `accord:`, a profile.
"""

from __future__ import annotations

from collections.abc import Mapping

from accord.rule import ACTS, Act, DutyKind, Operator, Variable

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
PROFILE = "urn:accord:odrl-profile:1"
PREFIX = "accord:"
ACTION: Mapping[Act, str] = {
    "train": "accord:train",
    "share": "accord:share",
    "serve": "accord:serve",
    "use": "accord:use",
    "train-on-output": "accord:trainOnOutput",
}
ALLOWED: Mapping[str, frozenset[Act]] = {
    **{name: frozenset((act,)) for act, name in ACTION.items()},
    # Of ODRL's own actions a permission is read narrowly: `use` stands above all others there, and
    # who writes it hardly thinks of training.
    "use": frozenset(("use",)),
    "read": frozenset(("use",)),
    "display": frozenset(("use",)),
    "execute": frozenset(("use",)),
    "play": frozenset(("use",)),
    "present": frozenset(("use",)),
    "distribute": frozenset(("share",)),
    "derive": frozenset(("train",)),
}
"""What a permission of an action allows."""
FORBIDDEN: Mapping[str, frozenset[Act]] = {
    **ALLOWED,
    "use": ACTS,
    "distribute": frozenset(("share", "serve")),
    "derive": frozenset(("train", "train-on-output")),
    "modify": frozenset(("train",)),
    "reproduce": ACTS,
    "sell": frozenset(("share",)),
    "share": frozenset(("share",)),
    "transfer": frozenset(("share",)),
}
"""What a prohibition of an action forbids; of one that is not known, everything."""
OPERAND: Mapping[Variable, str] = {
    "purpose": "purpose",
    "region": "spatial",
    "party": "recipient",
    "date": "dateTime",
    "runs": "count",
    "commercial": "accord:commercial",
    "monthly_users": "accord:monthlyUsers",
    "revenue": "accord:revenue",
    "role": "accord:role",
    "epsilon": "accord:epsilon",
    "name": "accord:name",
    "outbound": "accord:outbound",
    "openness": "accord:openness",
}
VARIABLE: Mapping[str, Variable] = {name: variable for variable, name in OPERAND.items()}
OPERATOR: Mapping[Operator, str] = {
    "in": "isAnyOf",
    "not in": "isNoneOf",
    "<": "lt",
    "<=": "lteq",
    ">": "gt",
    ">=": "gteq",
    "starts with": "accord:startsWith",
}
COMPARISON: Mapping[str, Operator] = {
    **{name: operator for operator, name in OPERATOR.items()},
    "eq": "in",
    "neq": "not in",
    "isA": "in",
}
DUTY: Mapping[DutyKind, str] = {
    "cite": "attribute",
    "report": "inform",
    "delete-by": "delete",
    "notice": "accord:notice",
    "copy-terms": "includeTerms",
    "state-changes": "accord:stateChanges",
    "same-licence": "shareAlike",
    "pass-on": "accord:passOn",
    "disclose-source": "accord:discloseSource",
    "name-prefix": "accord:namePrefix",
    "display": "accord:display",
    "dp": "accord:differentialPrivacy",
    "register": "accord:register",
    "encrypt": "accord:encryptAtRest",
}
DUTIES: Mapping[str, DutyKind] = {
    **{name: kind for kind, name in DUTY.items()},
    "attribution": "cite",
    "acceptTracking": "report",
}
"""`shareAlike` and `attribution` are of the Creative Commons vocabulary that ODRL maps to."""


def local(name: object) -> str:
    """A term without the vocabulary it is of; `accord:` stays."""
    text = str(name)
    for start in ("odrl:", "http://www.w3.org/ns/odrl/2/", "https://www.w3.org/ns/odrl/2/", "cc:"):
        text = text.removeprefix(start)
    return text.replace(f"{PROFILE}#", PREFIX)
