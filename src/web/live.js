/**
 * Keeps a part of the page live: the server sends it anew whenever it changes.
 * Then the document has the event "live".
 */

const RETRY = 3000;

const live = document.querySelector("#live");
const lost = document.querySelector("#lost");
const news = document.querySelector("#news");
const pause = document.querySelector("#pause");

/** @type {EventSource | undefined} */
let source;

/** @param {boolean} isLost */
function showLost(isLost) {
  lost?.toggleAttribute("hidden", !isLost);
}

/** @param {string} fragment */
function show(fragment) {
  if (!live) return;
  const before = live.querySelector(".summary")?.textContent;
  const focused = live.contains(document.activeElement)
    ? document.activeElement?.id
    : undefined;
  // Made by this page's own server, which escapes what users wrote.
  live.innerHTML = fragment;
  // Who uses the keyboard stays where they were.
  if (focused) document.getElementById(focused)?.focus();
  document.dispatchEvent(new Event("live"));
  const after = live.querySelector(".summary")?.textContent ?? "";
  // Screen readers say what changes in here, and only that.
  if (news && after !== before) news.textContent = after;
}

function follow() {
  const opened = new EventSource(live?.getAttribute("data-events") ?? "");
  source = opened;
  opened.addEventListener("open", () => showLost(false));
  opened.addEventListener("fragment", (event) => show(event.data));
  opened.addEventListener("error", () => {
    if (source !== opened) return;
    showLost(true);
    // The browser tries again by itself unless the server refused.
    if (opened.readyState !== EventSource.CLOSED) return;
    setTimeout(() => {
      if (source === opened) follow();
    }, RETRY);
  });
}

function offerPause() {
  pause?.toggleAttribute("hidden", false);
  pause?.addEventListener("click", () => {
    const isPaused = source === undefined;
    pause.setAttribute("aria-pressed", String(!isPaused));
    if (isPaused) return follow();
    source?.close();
    source = undefined;
    showLost(false);
  });
}

function offerCopies() {
  // Browsers lend the clipboard to trusted pages only.
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const text = button.previousElementSibling?.textContent ?? "";
    button.toggleAttribute("hidden", false);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => button.textContent = "Copy", 2000);
    });
  }
}

if (live) {
  follow();
  offerPause();
}
offerCopies();
