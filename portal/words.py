"""Words of the database as people read them, also those that only a newer release of the portal knows."""


class Words(dict):
    """What each word means; one that is not known here means `otherwise`, and no page fails for it."""

    def __init__(self, known: dict, otherwise):
        super().__init__(known)
        self.otherwise = otherwise

    def __missing__(self, word: str):
        return self.otherwise
