"""PMS by beatoraja: the device on which it is played is the playtype."""

from imports.formats import instead
from imports.formats.base import ImportRefused, Input

PMS_PLAYTYPES = {"BM_CONTROLLER": "Controller", "KEYBOARD": "Keyboard"}
DEVICES = {playtype: device for device, playtype in PMS_PLAYTYPES.items()}


def as_playtype(sent: Input, playtype: str) -> Input:
    """The play of PMS, had it been on the other device. Raises ImportRefused."""
    if playtype not in DEVICES:
        raise ImportRefused("A chart of BMS is itself for 7 keys or for 14.")
    return instead.of_playtype(sent, playtype)


def device_instead(sent: Input) -> str | None:
    """The device that counts instead of the one that was said, if there is one."""
    playtype = instead.playtype_of(sent)
    return DEVICES[playtype] if playtype else None
