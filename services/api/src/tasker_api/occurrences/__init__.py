"""What became of each nominal time of a task: from its revisions and what the log holds of it.

`task_history` says what the definitions alone say of a nominal time, `nominal_times` lists them, `log_evidence` is what
was read of the log, `answers` puts both together, and `wording` says it in a sentence: all that is pure.
`occurrence_reader` reads what they need, in bounded pieces.
"""
