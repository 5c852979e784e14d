// Find a place by its name: a combobox over the places' own search.

const WAIT = 200;

export function watchSearch(results, { go }) {
  let timer;
  let asked = 0;
  const field = () => document.getElementById("place-query");
  const box = () => document.getElementById("place-found");

  function close() {
    box().hidden = true;
    field().setAttribute("aria-expanded", "false");
    field().removeAttribute("aria-activedescendant");
  }

  async function search() {
    const text = field().value.trim();
    if (text.length < 2) return close();
    const mine = (asked += 1);
    const response = await fetch(`${field().dataset.url}?q=${encodeURIComponent(text)}`);
    const answer = response.ok ? await response.json() : { results: [] };
    if (mine !== asked) return undefined;
    return show(answer.results ?? answer.places ?? []);
  }

  function show(found) {
    const options = found.map((place, index) => {
      const option = document.createElement("li");
      option.id = `place-found-${index}`;
      option.role = "option";
      option.textContent = place.name;
      Object.assign(option.dataset, { place: place.id, lon: place.lon, lat: place.lat });
      return option;
    });
    if (!options.length) {
      const none = document.createElement("li");
      none.className = "place-found__none";
      none.textContent = "No place of that name";
      options.push(none);
    }
    box().replaceChildren(...options);
    box().hidden = false;
    field().setAttribute("aria-expanded", "true");
  }

  function choose(option) {
    if (!option?.dataset.place) return;
    field().value = option.textContent;
    close();
    go(Number(option.dataset.place), [Number(option.dataset.lon), Number(option.dataset.lat)]);
  }

  function move(by) {
    const options = [...box().querySelectorAll('[role="option"]')];
    if (!options.length) return;
    const now = options.findIndex((option) => option.ariaSelected === "true");
    const next = options[(now + by + options.length) % options.length];
    options.forEach((option) => { option.ariaSelected = String(option === next); });
    field().setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  }

  results.addEventListener("input", (event) => {
    if (event.target !== field()) return;
    clearTimeout(timer);
    timer = setTimeout(search, WAIT);
  });
  results.addEventListener("keydown", (event) => {
    if (event.target !== field() || box().hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Escape") close();
    if (event.key === "Enter") choose(box().querySelector('[aria-selected="true"]') ?? box().querySelector('[role="option"]'));
  });
  results.addEventListener("pointerdown", (event) => {
    const option = event.target.closest('#place-found [role="option"]');
    if (option) { event.preventDefault(); choose(option); }
  });
  results.addEventListener("focusout", (event) => { if (event.target === field()) setTimeout(() => field() && close(), 150); });
}
