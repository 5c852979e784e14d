from notices.templatetags.paragraphs import paragraphs


def test_lines_that_begin_with_a_dash_are_a_list():
    text = "What people may see:\r\n- Officers visit.\r\n- Lights are mended.\r\n\r\nCall 911."
    assert paragraphs(text) == (
        "<p>What people may see:</p><ul><li>Officers visit.</li><li>Lights are mended.</li></ul>\n<p>Call 911.</p>"
    )


def test_lines_of_a_paragraph_stay_apart():
    assert paragraphs("PARSONS\nMarch 5\n \n\nOfficers visit.") == "<p>PARSONS<br>March 5</p>\n<p>Officers visit.</p>"


def test_markup_is_text():
    assert paragraphs("- <b>\n<i> & co") == "<ul><li>&lt;b&gt;</li></ul><p>&lt;i&gt; &amp; co</p>"


def test_nothing_is_nothing():
    assert paragraphs(" \n\n") == ""
