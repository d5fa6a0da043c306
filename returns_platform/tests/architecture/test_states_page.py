from pathlib import Path

from django.conf import settings

from returns_platform.machines import edges, machines, page


def test_the_states_page_equals_the_code():
    kept = (Path(settings.BASE_DIR) / "docs" / "states.md").read_text()
    assert kept == page(), "Run: python manage.py states > docs/states.md"


def test_every_state_of_a_machine_can_be_reached():
    for model in machines():
        steps = edges(model)
        initial = model._meta.get_field("state").default
        reached, grown = {initial}, True
        while grown:
            more = {target for source, target, _name in steps if source in reached} - reached
            reached, grown = reached | more, bool(more)
        named = {source for source, _target, _name in steps} | {target for _source, target, _name in steps}
        assert named <= reached, (model, named - reached)
