"""The exceptions that end a script with one line instead of a traceback."""


class UserError(Exception):
    """A mistake in the user's input: one line that says what is wrong, where, and the remedy.

    Command-line scripts print the message without a traceback and exit with status 1.
    """


class Interrupted(Exception):
    """A signal asked the job to end before its result was there; the message says what is kept."""

    def __init__(self, message: str, signal_number: int) -> None:
        """Scripts exit with 128 plus the signal's number, as shells expect."""
        super().__init__(message)
        self.exit_code = 128 + signal_number
