/**
 * Keeps a part of the page live: the server sends it anew whenever it changes.
 * Then the document has the event "live".
 */

/** In milliseconds. */
const RETRY = 3000;
const COPIED = 2000;

const live = document.querySelector("#live");
const lost = document.querySelector("#lost");
const refused = document.querySelector("#refused");
const news = document.querySelector("#news");
const pause = document.querySelector("#pause");

/** @type {EventSource | undefined} */
let source;

/** @param {boolean} isLost */
function showLost(isLost) {
  lost?.toggleAttribute("hidden", !isLost);
}

/** Whether the server answers, but not with this page: nobody is signed in any more, or it is gone. */
async function isRefused() {
  const init = { method: "HEAD", redirect: "manual" };
  const answer = await fetch(location.href, init).catch(() => undefined);
  if (answer === undefined || answer.status === 429) return false;
  return answer.type === "opaqueredirect" ||
    (answer.status >= 400 && answer.status < 500);
}

/** @param {string} text */
function say(text) {
  if (news) news.textContent = text;
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
  if (after !== before) say(after);
}

function follow() {
  const opened = new EventSource(live?.getAttribute("data-events") ?? "");
  source = opened;
  opened.addEventListener("open", () => showLost(false));
  opened.addEventListener("fragment", (event) => show(event.data));
  opened.addEventListener("error", async () => {
    if (source !== opened) return;
    showLost(true);
    // The browser tries again by itself unless the server refused.
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
    button.toggleAttribute("hidden", false);
  }
}

/** @param {MouseEvent} event */
async function copy({ target }) {
  if (!(target instanceof HTMLElement && "copy" in target.dataset)) return;
  const text = target.previousElementSibling?.textContent ?? "";
  const words = await navigator.clipboard.writeText(text)
    // Not every browser lends it to every page.
    .then(() => "Copied", () => "Not copied");
  label(target, words);
  say(words);
  setTimeout(() => label(target, "Copy"), COPIED);
}

/** Says what a button does or did, to those too who do not see what it stands beside. */
function label(button, words) {
  button.textContent = words;
  button.setAttribute("aria-label", `${words} ${button.dataset.copy}`);
}

if (live) {
  follow();
  offerPause();
}
offerCopies();
document.addEventListener("live", offerCopies);
document.addEventListener("click", copy);
