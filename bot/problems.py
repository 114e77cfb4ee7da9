"""What an operator can mend, as a sentence that says how; everything else stays an error of ours with its trace."""

from __future__ import annotations

from sqlalchemy.exc import DatabaseError, OperationalError

from bot.secret_files import WrongSettings
from flows.authoring.findings import AuthorError
from storage.crypto.errors import CryptoProblem
from storage.database import DatabaseProblem

OURS = (AuthorError, DatabaseProblem, CryptoProblem, WrongSettings)
KNOWN = (*OURS, OSError, DatabaseError)

NO_DATABASE = (
    "The database's file is no SQLite database, or is damaged. Name the right one (ROWAN_DATABASE_URL), or put a backup"
    " back with `rowan db restore`."
)
NOT_OPENED = "The database's file cannot be opened. Look at its folder, its rights and the disk's room."
BUSY = "The running service writes without a pause just now. Run this again in a moment, or do it in the console."
NOT_REACHED = "The database does not answer: {says}. Look at ROWAN_DATABASE_URL, and whether its server runs."


def sentence(problem: BaseException) -> str:
    """For standard error. '' for what is no operator's matter."""
    if isinstance(problem, OURS):
        return str(problem)
    if isinstance(problem, DatabaseError):
        return _database(problem) if type(problem) in (DatabaseError, OperationalError) else ""
    if isinstance(problem, OSError):
        says = problem.strerror or type(problem).__name__
        where = f"{problem.filename}: " if problem.filename else ""
        return f"{where}{says}. Look at the path, its rights and the disk's room."
    return ""


def _database(problem: DatabaseError) -> str:
    """Only the driver's first line: the following ones may hold values of a row."""
    says = (str(problem.orig).splitlines() or [""])[0].rstrip(".")
    if "not a database" in says or "malformed" in says:
        return NO_DATABASE
    if "locked" in says:
        return BUSY
    return NOT_OPENED if "unable to open" in says else NOT_REACHED.format(says=says)
