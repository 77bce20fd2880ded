"""What can go wrong in the store, in words that know nothing of HTTP."""

from netbasics.errors import NetbasicsError

__all__ = ["EmailTaken", "NoSuchUser", "StoreError"]


class StoreError(NetbasicsError, OSError):
    """The database cannot be opened, read or written."""


class NoSuchUser(NetbasicsError, LookupError):
    """No user has this id.

    Example:
        >>> print(NoSuchUser(99))
        there is no user 99
    """

    def __init__(self, user_id: int) -> None:
        super().__init__(f"there is no user {user_id}")
        self.user_id = user_id


class EmailTaken(NetbasicsError, ValueError):
    """Another user has this email already.

    Example:
        >>> print(EmailTaken("ada@example.com"))
        another user has the email 'ada@example.com'
    """

    def __init__(self, email: str) -> None:
        super().__init__(f"another user has the email {email!r}")
        self.email = email
