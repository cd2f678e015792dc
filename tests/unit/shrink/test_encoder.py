from multipress.core.files import write_json
from multipress.shrink.encoder import SOURCE, read
from tests.unit.shrink.studies import write_encoder


def test_other_people_are_told_no_place_of_this_machine(tmp_path):
    folder = tmp_path / "my encoder"
    write_encoder(folder)
    assert read(str(folder), folder, is_pair=False).public_name == "my encoder"
    write_json(folder / SOURCE, {"repository": "owner/name", "commit": "0" * 40})
    assert read("owner/name", folder, is_pair=False).public_name == "owner/name"
