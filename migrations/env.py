"""Runs the migrations on the connection that `fieldops.migrate` hands over: one transaction for each revision."""

from alembic import context

from fieldops import schema
from fieldops.kit.db import UTCDateTime


def _plain(kind, column, _context):
    """Write what the database has, so that an old migration needs none of our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(column, UTCDateTime) else False


connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=schema.metadata,
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=False,
    render_item=_plain,
)
with context.begin_transaction():
    context.run_migrations()
