"""Tables fit the terminal, whatever is in them."""

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from tasker_cli.output.table import Column, table_lines

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40)
COLUMNS = st.builds(
    Column, st.text("ABCDEF", min_size=1, max_size=12), st.booleans(), st.sampled_from(["left", "right"])
)


@given(st.data(), st.integers(1, 120))
def test_no_line_is_wider_than_the_terminal(data: st.DataObject, available: int) -> None:
    columns = data.draw(st.lists(COLUMNS, min_size=1, max_size=6))
    row = st.tuples(*([CELLS] * len(columns)))
    rows = [[Text(cell) for cell in one] for one in data.draw(st.lists(row, max_size=4))]
    lines = list(table_lines(columns, rows, available))
    assert len(lines) == len(rows) + 1
    assert max(line.cell_len for line in lines) <= available


def test_what_can_be_cut_is_cut_before_anything_is_left_out() -> None:
    columns = (Column("ID", keep=True), Column("WHY"), Column("TOOK", keep=True, align="right"))
    rows = [[Text("a" * 10), Text("because of this"), Text("9 ms")], [Text("b"), Text(""), Text("10 ms")]]

    def lines(available: int) -> list[str]:
        return [line.plain for line in table_lines(columns, rows, available)]

    assert lines(80) == [
        "ID          WHY               TOOK",
        "aaaaaaaaaa  because of this   9 ms",
        "b                            10 ms",
    ]
    assert lines(28)[1] == "aaaaaaaaaa  because …   9 ms"
    assert lines(20) == ["ID           TOOK", "aaaaaaaaaa   9 ms", "b           10 ms"]
    assert lines(16) == ["ID", "aaaaaaaaaa", "b"]
    assert lines(5)[1] == "aaaa…"


def test_columns_without_content_are_left_out() -> None:
    columns = (Column("ID"), Column("ERROR"), Column("NAME"))
    (title, _) = table_lines(columns, [[Text("a"), Text(""), Text("A")]], 80)
    assert title.plain == "ID  NAME"
