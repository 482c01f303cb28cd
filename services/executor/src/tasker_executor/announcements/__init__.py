"""Which group of executors has which plug-ins, as announced on the topic `handlers`."""
