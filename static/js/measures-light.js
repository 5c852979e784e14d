// Taking down a light on a phone: what works has nobody to fix it, and the phone says where it is.
const form = document.getElementById("light-form");
const who = document.getElementById("who-fixes");
const position = document.getElementById("position");

function follow() {
  const works = form.elements.state.value === "works";
  who.hidden = works;
  for (const field of [form.elements.party, form.elements.due_on]) field.disabled = works;
}

form.addEventListener("change", follow);
follow();

// Only for a new light: changing one at the desk must not move it there.
if ("new" in form.dataset && navigator.geolocation) {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lon.value = coords.longitude.toFixed(6);
      form.elements.lat.value = coords.latitude.toFixed(6);
      tell(position.dataset.known);
    },
    () => tell(position.dataset.unknown),
    { enableHighAccuracy: true, maximumAge: 5000, timeout: 15000 },
  );
}

function tell(words) {
  position.textContent = words;
  position.hidden = false;
}
