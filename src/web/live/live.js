/**
 * Replaces the live part of the page with what the server sends. Then the
 * document gets the event "live". Also: the buttons that copy text.
 */

/** In milliseconds. */
const RETRY = 3000;
const COPIED = 2000;

const live = document.querySelector("#live");
const lost = document.querySelector("#lost");
const refused = document.querySelector("#refused");
const announcement = document.querySelector("#announcement");
const pause = document.querySelector("#pause");

/** @type {EventSource | undefined} */
let source;

/** @param {boolean} isLost */
function showLost(isLost) {
  lost?.toggleAttribute("hidden", !isLost);
}

/** Whether the server responds without this page: the user is signed out, or the page is gone. */
async function isRefused() {
  const init = { method: "HEAD", redirect: "manual" };
  const response = await fetch(location.href, init).catch(() => undefined);
  if (response === undefined || response.status === 429) return false;
  return response.type === "opaqueredirect" ||
    (response.status >= 400 && response.status < 500);
}

/** Has screen readers read `text`. */
function announce(text) {
  if (announcement) announcement.textContent = text;
}

/** @param {string} fragment */
function show(fragment) {
  if (!live) return;
  const before = live.querySelector(".summary")?.textContent;
  const focused = live.contains(document.activeElement)
    ? document.activeElement?.id
    : undefined;
  // It comes from this page's own server, which escapes what users wrote.
  live.innerHTML = fragment;
  // People who use the keyboard keep their place.
  if (focused) document.getElementById(focused)?.focus();
  document.dispatchEvent(new Event("live"));
  const after = live.querySelector(".summary")?.textContent ?? "";
  if (after !== before) announce(after);
}

function follow() {
  const opened = new EventSource(live?.getAttribute("data-events") ?? "");
  source = opened;
  opened.addEventListener("open", () => showLost(false));
  opened.addEventListener("fragment", (event) => show(event.data));
  opened.addEventListener("error", async () => {
    if (source !== opened) return;
    showLost(true);
    // The browser retries by itself, except after an error response.
    if (opened.readyState !== EventSource.CLOSED) return;
    if (await isRefused()) {
      showLost(false);
      refused?.toggleAttribute("hidden", false);
      return;
    }
    setTimeout(() => {
      if (source === opened) follow();
    }, RETRY);
  });
}

function enablePause() {
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

function showCopyButtons() {
  // Browsers offer the clipboard to trusted pages only.
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.toggleAttribute("hidden", false);
  }
}

/** @param {MouseEvent} event */
async function copy({ target }) {
  if (!(target instanceof HTMLElement && "copy" in target.dataset)) return;
  const text = target.previousElementSibling?.textContent ?? "";
  const result = await navigator.clipboard.writeText(text)
    // The user may have denied access to the clipboard.
    .then(() => "Copied", () => "Not copied");
  label(target, result);
  announce(result);
  setTimeout(() => label(target, "Copy"), COPIED);
}

/** Sets the text of a copy button; screen readers also read what is copied. */
function label(button, text) {
  button.textContent = text;
  button.setAttribute("aria-label", `${text} ${button.dataset.copy}`);
}

if (live) {
  follow();
  enablePause();
}
showCopyButtons();
document.addEventListener("live", showCopyButtons);
document.addEventListener("click", copy);
