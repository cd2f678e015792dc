"""The one exception for mistakes that a user can mend."""


class UserError(Exception):
    """A mistake in the user's input: one line that says what is wrong, where, and the remedy.

    Command-line scripts print the message without a traceback and exit with status 1.
    """
