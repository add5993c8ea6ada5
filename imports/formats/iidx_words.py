"""Words of beatmania IIDX that several formats share."""

#: What clear types are called → our lamps.
LAMPS = {
    "NO PLAY": "NO PLAY",
    "FAILED": "FAILED",
    "ASSIST CLEAR": "ASSIST CLEAR",
    "EASY CLEAR": "EASY CLEAR",
    "CLEAR": "CLEAR",
    "HARD CLEAR": "HARD CLEAR",
    "EX HARD CLEAR": "EX HARD CLEAR",
    "FULLCOMBO CLEAR": "FULL COMBO",
}

#: The names of the arcade's versions in their order: the first is number 1.
VERSION_NAMES = (
    "1st&substream",
    "2nd style",
    "3rd style",
    "4th style",
    "5th style",
    "6th style",
    "7th style",
    "8th style",
    "9th style",
    "10th style",
    "IIDX RED",
    "HAPPY SKY",
    "DistorteD",
    "GOLD",
    "DJ TROOPERS",
    "EMPRESS",
    "SIRIUS",
    "Resort Anthem",
    "Lincle",
    "tricoro",
    "SPADA",
    "PENDUAL",
    "copula",
    "SINOBUZ",
    "CANNON BALLERS",
    "Rootage",
    "HEROIC VERSE",
    "BISTROVER",
    "CastHour",
    "RESIDENT",
    "EPOLIS",
    "Pinky Crush",
    "Sparkle Shower",
)
VERSIONS = {name: number for number, name in enumerate(VERSION_NAMES, 1)}
