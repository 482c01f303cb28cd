"""db-scheduler and Quartz: a program in Java that runs either, and how it is told what to do."""
