"""Steps of migrations."""

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateModels(Operation):
    """Creates all of these models.

    Django puts every related model together anew for each CreateModel: thousands of times, where a hundred tables
    hang together. Here it does so once (decision 0048).
    """

    reversible = True

    def __init__(self, creates: list[CreateModel]):
        self.creates = creates

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # what is cached would be kept in step; the database's turn makes it anew
        for create in self.creates:
            create.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for create in self.creates:
            create.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for create in reversed(self.creates):
            create.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return f"Create {len(self.creates)} models"
