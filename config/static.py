"""What of the browser assets is served, and how."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCE_MAP = "sourceMappingURL"


class StaticFiles(StaticFilesConfig):
    """Django's own, leaving out what no page loads: sources, source maps, development builds, unused pictures."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *("scss", "theme", "components", "material-icons", "cjs", "esm", "ext", "gis", "django_htmx"),
        *("*.map", "*.d.ts", "*-dev.mjs", "*.min.js.gz"),
        *("uswds.css", "uswds.js", "uswds-init.js", "htmx.js", "htmx.amd.js", "htmx.cjs.js", "htmx.esm.js"),
    ]


class Storage(CompressedManifestStaticFilesStorage):
    """Names with a hash of the content, kept for ever by browsers; no look for source maps, which are left out."""

    patterns = tuple(
        (files, tuple(rule for rule in rules if SOURCE_MAP not in str(rule)))
        for files, rules in HashedFilesMixin.patterns
    )
