from django.utils import translation

from notices import readability
from notices.fields import LANGUAGES
from notices.topics import CHECKLIST, TOPICS


def text_of(topic):
    return "\n".join(str(words) for words in (topic.intro, *topic.points, topic.careful) if words)


def test_checklist_points_at_topics():
    assert {check.topic for check in CHECKLIST.values()} <= set(TOPICS)
    assert len(CHECKLIST) >= 20


def test_checklist_covers_the_five_subjects():
    assert len({str(check.group) for check in CHECKLIST.values()}) == 5


def test_topics_are_plain_to_read():
    for language in LANGUAGES:
        with translation.override(language):
            for slug, topic in TOPICS.items():
                reading = readability.measure(text_of(topic), language)
                assert reading.is_plain, f"{language} {slug}: {reading}"


def test_screening_names_every_protected_class():
    careful = str(TOPICS["screening"].careful)
    for protected in ("race", "color", "national origin", "religion", "sex", "disability", "children"):
        assert protected in careful


def test_call_for_help_is_never_a_violation():
    assert "never a violation" in str(TOPICS["lease-terms"].careful)
