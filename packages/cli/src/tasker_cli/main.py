"""`tasker`: what people and scripts do with a running Tasker from a terminal.

It uses the REST API, but for `verify`, which trusts nothing but the topics and the log themselves.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasker.rest.problems import ClientError
from tasker_cli.connection.session import Session
from tasker_cli.errors import DONE, USAGE, CommandFailed
from tasker_cli.output.problems import exit_code_of, problem_json, problem_lines
from tasker_cli.words import app

if TYPE_CHECKING:
    import httpx


def main(arguments: Sequence[str] | None = None, transport: "httpx.BaseTransport | None" = None) -> int:
    """The exit code: 0 done, 1 refused or failed, 2 wrong arguments, 3 not there, 4 not reachable, 130 Ctrl-C.

    `verify` says what its own mean.
    """
    session = Session(transport)
    try:
        app(None if arguments is None else list(arguments), prog_name="tasker", obj=session)
    except SystemExit as ended:  # how Typer ends, also when all went well
        return ended.code if isinstance(ended.code, int) else DONE
    except CommandFailed as failure:
        for line in str(failure).splitlines():
            session.screen.complain(line)
        return failure.exit_code
    except ClientError as error:
        if session.screen.as_json:
            session.screen.errors.print_json(data=problem_json(error), indent=None)
        else:
            for line in problem_lines(error):
                session.screen.complain(line)
        return exit_code_of(error)
    except UnicodeEncodeError as error:
        wrong = error.object[error.start : error.end]
        session.screen.complain(f"{wrong!a} is no text in UTF-8, and can't be sent: leave it out")
        return USAGE
    finally:
        session.close()
    return DONE


if __name__ == "__main__":
    sys.exit(main())
