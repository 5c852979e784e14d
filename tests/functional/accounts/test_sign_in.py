import pytest

from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [DESK, PHONE, {"width": 320, "height": 600}], ids=["desk", "phone", "small"])
def test_sign_in_page_is_accessible_and_fits(new_context, axe, fits, viewport):
    page = new_context(viewport).new_page()
    page.goto("/accounts/login/")
    axe(page)
    fits(page)


def test_menu_opens_and_closes_on_a_phone(signed_in, axe):
    page = signed_in("commander", viewport=PHONE)
    page.goto("/no/such/page/")
    assert not page.get_by_role("link", name="Map").is_visible()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Map").wait_for()
    axe(page)
    page.get_by_role("button", name="Close the menu").click()
    page.get_by_role("link", name="Map").wait_for(state="hidden")
