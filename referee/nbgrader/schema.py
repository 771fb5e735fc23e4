"""The revision of the gradebook's tables, which nbgrader changes between versions."""

from sqlalchemy import create_engine, inspect, make_url, text

from referee.errors import RefereeError

# Of nbgrader 0.9. Marks are written as rows of its tables, so another revision is refused.
REVISION = "e43177bfe90b"
TABLE = "alembic_version"


def shown_url(url: str) -> str:
    """The address of a database without its password."""
    return make_url(url).render_as_string(hide_password=True)


def require_schema(url: str) -> None:
    """Make sure that a gradebook which exists has the tables of this version of nbgrader.

    Raises:
        RefereeError: it has others; the message says what to do.
        sqlalchemy.exc.OperationalError: the database cannot be read.

    """
    engine = create_engine(url, future=True)
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            if not tables:
                return  # nbgrader makes them
            found = ""
            if TABLE in tables:
                found = connection.execute(text(f"select version_num from {TABLE}")).scalar() or ""
    finally:
        engine.dispose()
    if found != REVISION:
        raise RefereeError(
            f"the tables of the gradebook {shown_url(url)} are of another version of nbgrader: "
            f"their revision is {found or 'not recorded'}, and not {REVISION}. Make a copy of the "
            "gradebook and run `nbgrader db upgrade`; if they are newer, update Referee."
        )
