"""The archive of Kafka's classes: whose it is, and that a broker loads from it."""

from pathlib import Path

import psutil

from tasker_devstack import paths
from tasker_devstack.backends.class_archive import ARCHIVE, ClassArchive
from tasker_devstack.backends.embedded_kafka import EmbeddedKafka, prepare_kafka
from tasker_devstack.processes.ports import free_port


def test_what_one_java_has_made_another_one_makes_anew(tmp_path: Path) -> None:
    archive, made = ClassArchive(tmp_path), tmp_path / "made"
    assert (archive.options(), archive.was_made_by("17")) == ([], False)
    made.write_text("classes")
    archive.keep(made, "17")
    assert archive.options()[0].endswith(str(tmp_path / ARCHIVE))
    assert (archive.was_made_by("17"), archive.was_made_by("21")) == (True, False)


def test_a_java_that_makes_none_is_not_asked_again(tmp_path: Path) -> None:
    archive, made = ClassArchive(tmp_path), tmp_path / "made"
    made.write_text("classes")
    archive.keep(made, "17")
    archive.keep(tmp_path / "missing", "21")
    assert (archive.options(), archive.was_made_by("21")) == ([], True)


async def test_a_broker_loads_its_classes_from_the_archive(tmp_path: Path) -> None:
    await prepare_kafka()
    broker = EmbeddedKafka(tmp_path / "kafka", free_port(), short_lived=True)
    try:
        await broker.start()
        mapped = [one.path for one in psutil.Process(broker.pid).memory_maps()]
    finally:
        await broker.stop()
    assert str(paths.JARS / ARCHIVE) in mapped
