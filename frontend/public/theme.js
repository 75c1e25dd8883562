// Runs before the first paint so that the page never flashes in the wrong theme.
(function () {
  var stored = null;
  try {
    stored = localStorage.getItem("theme");
  } catch (error) {
    stored = null; // storage is blocked: the system's choice holds
  }
  var dark = stored ? stored === "dark" : !matchMedia("(prefers-color-scheme: light)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
