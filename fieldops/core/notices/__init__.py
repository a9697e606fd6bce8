"""What a member of staff is told: written by whoever changed something, read in the inbox, mailed by the worker."""
