"""Admin pages that only show: rows that services write and nobody changes by hand."""


class LookOnly:
    """Mixed into a ModelAdmin or an inline: nobody adds, changes or deletes. Seeing needs the view permission."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
