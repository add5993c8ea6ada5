"""The import types this server understands. A new one is a module and a line here."""

from imports.formats import (
    barbatos,
    batch_manual,
    beatoraja,
    fervidex,
    fervidex_profile,
    iidx_csv,
    kshook,
    lr2hook,
    mer,
    mypage_player,
    mypage_records,
    sdvx_csv,
    solid_state_squad,
    usc,
)
from imports.formats.base import Format

FORMATS: dict[str, Format] = {
    format_.import_type: format_
    for format_ in (
        batch_manual.FILE,
        iidx_csv.EAMUSEMENT,
        iidx_csv.PLI,
        sdvx_csv.FORMAT,
        solid_state_squad.FORMAT,
        mypage_records.FORMAT,
        mypage_player.FORMAT,
        mer.FORMAT,
        batch_manual.DIRECT,
        barbatos.FORMAT,
        beatoraja.FORMAT,
        fervidex.FORMAT,
        fervidex_profile.FORMAT,
        kshook.SAVE_FORMAT,
        kshook.EXPORT_FORMAT,
        lr2hook.FORMAT,
        usc.FORMAT,
    )
}


def offered(kind: str) -> list[Format]:
    """The formats that a server of this kind (kamai, boku or omni) offers."""
    kinds = {"kamai", "boku"} if kind == "omni" else {kind}
    return [format_ for format_ in FORMATS.values() if kinds & set(format_.servers)]


def offered_files(kind: str) -> list[Format]:
    """Those of them that are uploaded."""
    return [each for each in offered(kind) if each.import_type.startswith("file/")]


def get_format(import_type: str) -> Format:
    """The format of that import type. Raises KeyError for one we do not have."""
    return FORMATS[import_type]
