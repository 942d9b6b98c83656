"""The instrument between client and server: what crossed the connection, byte by byte, and when."""
