"""What tests of the log sink need: messages made up, a store in memory."""
