"""What service happens where and when, whoever planned it. Readers follow the revision."""
