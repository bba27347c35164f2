"""Postal addresses by their form; free forms need a model: see the slot `recogniser`."""

from __future__ import annotations

import re

import numpy as np

from accord.data.protect.joined import ALNUM, UPPERCASE
from accord.data.protect.scan import NOTHING, Found, Scan, spans, together

_STREETS = (
    rb"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|"
    rb"Terrace|Ter|Way|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Alley|Trail|Loop|Row|Close|Crescent|Mews|"
    rb"Plaza|Crossing|Ridge|Point|Path|Pike|Walk|Run|Key|Station|Square|Squares|Islands?|Fords?|Forge|"
    rb"Branch|Bridge|Brook|Brooks|Burg|Bypass|Camp|Canyon|Cape|Causeway|Center|Centers|Cliff|Cliffs|"
    rb"Club|Common|Corner|Corners|Course|Cove|Coves|Creek|Crest|Curve|Dale|Dam|Divide|Estate|Estates|"
    rb"Expressway|Extension|Fall|Falls|Ferry|Field|Fields|Flat|Flats|Forest|Fork|Forks|Fort|Freeway|"
    rb"Garden|Gardens|Gateway|Glen|Glens|Green|Greens|Grove|Groves|Harbor|Harbors|Haven|Heights|Hill|"
    rb"Hills|Hollow|Inlet|Junction|Knoll|Knolls|Lake|Lakes|Land|Landing|Light|Lock|Locks|Lodge|Mall|"
    rb"Manor|Meadow|Meadows|Mill|Mills|Mission|Motorway|Mount|Mountain|Neck|Orchard|Oval|Overpass|Park|"
    rb"Parks|Pass|Passage|Pine|Pines|Plain|Plains|Port|Ports|Prairie|Radial|Ramp|Ranch|Rapid|Rapids|"
    rb"Rest|River|Route|Rue|Shoal|Shoals|Shore|Shores|Skyway|Spring|Springs|Spur|Spurs|Stravenue|"
    rb"Stream|Summit|Throughway|Trace|Track|Trafficway|Tunnel|Turnpike|Underpass|Union|Unions|Valley|"
    rb"Valleys|Via|Viaduct|View|Views|Village|Villages|Ville|Vista|Walks|Wall|Well|Wells)"
)
_AMERICAN = re.compile(
    rb"\d{1,6}[A-Za-z]? (?:(?:[NSEW]|North|South|East|West)\.? )?(?:[A-Z][A-Za-z'.\-]+ ){1,4}"
    + _STREETS
    + rb"\b\.?(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Floor|Room|#)\.? ?[A-Za-z0-9\-]{1,6})?"
    rb"(?:[,\n] ?[A-Z][A-Za-z.\- ]{1,30}[a-z])?(?:, ?[A-Z]{2}(?: \d{5}(?:-\d{4})?)?)?"
)  # fmt: skip
_CJK = rb"(?:[\xe4-\xe9][\x80-\xbf]{2})"
_UNIT = "号|弄|室|栋|幢|座|楼|单元|层|组|村|院".encode()
_UNIT_CODES = np.array([int.from_bytes(unit[:1].encode()) for unit in _UNIT.decode().split("|")])
_UNIT_ENDS = np.zeros(256, dtype=bool)
_UNIT_ENDS[[unit.encode()[2] for unit in _UNIT.decode().split("|")]] = True
_PLACES = np.array([65536, 256, 1])
_NUMBER_UNIT = re.compile(rb"\d{1,5}(?:-\d{1,4})?(?:" + _UNIT + rb")")
_ROADS = "路|街道|街|大道|道|巷|胡同|弄|村|里|园|苑|小区|花园|广场".encode()
_REGION = re.compile(
    rb"(?:" + _CJK + rb"{2,8}?(?:" + "省|自治区|特别行政区".encode() + rb"))?"
    rb"(?:" + _CJK + rb"{2,8}?(?:" + "市|自治州|地区|盟".encode() + rb"))?"
    rb"(?:" + _CJK + rb"{1,8}?(?:" + "区|县|旗|镇|乡".encode() + rb"))?"
    rb"(?:" + _CJK + rb"{1,10}?(?:" + _ROADS + rb"))+\Z"
)
_REST = re.compile(
    rb"(?:\d{1,5}(?:-\d{1,4})?(?:" + _UNIT + rb")|[A-Z]" + "座".encode() + rb"|"
    + "(?:大厦|大楼|广场|小区|花园|公寓|院|楼)".encode() + rb")+"
    rb"(?:" + _CJK + rb"{2,8}?" + "(?:大厦|大楼|广场|花园|公寓|中心)[A-Z]座".encode() + rb")?"
    rb"(?:\d{1,4})?"
)  # fmt: skip
_ANNOUNCED = "地址|住址|住在|位于|居住|家住|寄往|寄到|收货|户籍|搬到|住于|还有|离|去|在".encode()
_STOPS = re.compile(
    rb"(?:"
    + _ANNOUNCED
    + rb")(?:"
    + "为|是|到|在".encode()
    + rb")?|[\x00-\x7f]|"
    + "，|。|：|；|、|！|？|（|）|“|”|的|了".encode()
)


def addresses(scan: Scan) -> Found:
    """Numbered streets in English, and Chinese addresses that end in a number."""
    return together(_american(scan), _chinese(scan))


def _american(scan: Scan) -> Found:
    runs, codes = scan.runs, scan.joined.codes
    # `221B Baker Street`: a letter may belong to the number.
    street = runs.touching["street"]
    end = runs.end[street]
    end = end + ALNUM[codes[end]]
    spaced = street[(codes[end] == 32) & UPPERCASE[codes[end + 1]]]
    return scan.match(_AMERICAN, runs.start[spaced])


def _chinese(scan: Scan) -> Found:
    runs, codes, raw = scan.runs, scan.joined.codes, scan.joined.raw
    # A number that a Chinese character touches on both sides.
    touched = runs.touching["chinese-street"]
    touched = touched[_UNIT_ENDS[codes[runs.end[touched] + 2]]]
    if not len(touched):
        return NOTHING
    end = runs.end[touched][:, None] + np.arange(3)
    touched = touched[np.isin(codes[end].astype(np.int64) @ _PLACES, _UNIT_CODES)]
    found: list[tuple[int, int]] = []
    last = 0
    for at in runs.start[touched].tolist():
        if at < last or not _NUMBER_UNIT.match(raw, at):
            continue
        low = max(0, at - 120)
        for stop in _STOPS.finditer(raw, low, at):
            low = stop.end()
        while low < at and raw[low] & 0xC0 == 0x80:
            low += 1
        region = _REGION.match(raw[low:at])
        if region is None:
            continue
        rest = _REST.match(raw, at)
        assert rest is not None
        last = rest.end()
        found.append((low, last))
    return spans(found)
