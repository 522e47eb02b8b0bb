"""Where intake keeps what it owns: tables, and the statements that read and write them."""
