"""Runs the migrations on the connection that `fieldops.migrate` hands over: one transaction for each revision."""

from alembic import context

from fieldops import schema

connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=schema.metadata,
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
