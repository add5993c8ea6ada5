class Impossible(ValueError):
    """A value no play of the game can have; `category` names the kind in short."""

    def __init__(self, category: str, explanation: str):
        super().__init__(explanation)
        self.category = category
