// Day or night colors, before anything is drawn. Night: when the phone asks for it, and by the clock from 7 p.m. to
// 6 a.m.; what the officer chose by hand holds until chosen otherwise.
(() => {
  const NIGHT_FROM = 19;
  const NIGHT_UNTIL = 6;
  const asked = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try { return localStorage.getItem("log-scheme") ?? "auto"; } catch { return "auto"; }
  }

  function show() {
    const hour = new Date().getHours();
    const night = asked.matches || hour >= NIGHT_FROM || hour < NIGHT_UNTIL;
    const choice = chosen();
    document.documentElement.dataset.scheme = choice === "auto" ? (night ? "dark" : "light") : choice;
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", document.documentElement.dataset.scheme === "dark" ? "#0b0f14" : "#eef1f4");
  }

  window.logScheme = {
    chosen,
    choose(choice) {
      try { localStorage.setItem("log-scheme", choice); } catch { /* it holds until the page is closed */ }
      show();
    },
  };
  asked.addEventListener("change", show);
  setInterval(show, 60_000);
  show();
})();
