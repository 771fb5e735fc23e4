"""What can go wrong for a user of Referee, as opposed to a bug of ours."""


class RefereeError(Exception):
    """Something the user can fix; the message names it, says what is wrong and what to do."""
