"""What tests of the log sink need: messages made up, and stores and consumers without a server."""
