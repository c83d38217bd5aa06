"""The vault: SQLCipher, one noun one file of SQL. Nothing below knows a loop or a screen."""
