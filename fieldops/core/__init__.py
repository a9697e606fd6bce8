"""What two features need. Core never knows a feature: what it needs arrives as rows that features write."""
