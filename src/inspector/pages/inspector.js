/**
 * The keyboard, and the request beside the list. Without it every row leads to a
 * page of its own.
 */

const list = document.querySelector("#live");
const pane = document.querySelector("#pane");
/** Beside a narrow list there is no room. */
const wide = matchMedia("(width > 70rem)");

/** Id of the link of the request in the pane. */
let selected = "";

/** @returns {HTMLAnchorElement[]} */
function links() {
  return [...list?.querySelectorAll(".exchanges a[id]") ?? []];
}

/** Marks the row of the request in the pane. The list is replaced as requests pass. */
function mark() {
  for (const link of links()) {
    link.closest("tr")?.classList.toggle("selected", link.id === selected);
  }
}

/** @param {HTMLAnchorElement} link */
async function show(link) {
  selected = link.id;
  mark();
  const response = await fetch(`${link.getAttribute("href")}/pane`)
    .catch(() => undefined);
  const text = await response?.text();
  // Meanwhile another one may have been selected, or this one discarded.
  if (!response?.ok || selected !== link.id || !pane) return;
  // It comes from this page's own server, which escapes what users wrote.
  pane.innerHTML = text;
  pane.scrollTop = 0;
  pane.toggleAttribute("hidden", false);
  document.dispatchEvent(new Event("live"));
}

/** @param {number} step */
function move(step) {
  const all = links();
  const focused = all.indexOf(document.activeElement);
  const at = focused >= 0
    ? focused
    : all.findIndex(({ id }) => id === selected);
  const link = all[Math.max(0, Math.min(all.length - 1, at + step))];
  if (link === undefined) return;
  link.focus();
  if (wide.matches) show(link);
}

/** Closes the pane; the focus stays in the list. */
function close() {
  selected = "";
  mark();
  pane?.toggleAttribute("hidden", true);
}

const STEPS = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
const NEIGHBOURS = {
  ArrowLeft: "prev",
  ArrowRight: "next",
  k: "prev",
  j: "next",
};

/** Whether the key is for a field, for the browser, or for text that scrolls. */
function isTaken({ target, ctrlKey, altKey, metaKey, shiftKey }) {
  return ctrlKey || altKey || metaKey || shiftKey ||
    target.closest("input, select, textarea, button, pre, #pane") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && selected !== "") return close();
  if (isTaken(event)) return;
  const step = pane ? STEPS[event.key] : undefined;
  const rel = pane ? undefined : NEIGHBOURS[event.key];
  const neighbour = rel && document.querySelector(`a[rel="${rel}"]`);
  if (step === undefined && !neighbour) return;
  event.preventDefault();
  if (neighbour) neighbour.click();
  else move(step);
});

/** The link leads to the page of the request, the rest of its row shows it here. */
list?.addEventListener("click", ({ target }) => {
  const isPlain = target.closest("a, button") === null &&
    getSelection()?.isCollapsed !== false;
  const link = target.closest(".exchanges tr")?.querySelector("a[id]");
  if (!link || !pane || !isPlain || !wide.matches) return;
  link.focus({ preventScroll: true });
  show(link);
});

document.addEventListener("live", mark);
