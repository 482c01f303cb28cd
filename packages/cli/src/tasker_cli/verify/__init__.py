"""`tasker verify`: was every second of every task carried out, once, in time, and logged?"""
