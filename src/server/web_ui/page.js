/**
 * Keeps the list of tunnels live: the server sends it anew whenever it changes.
 */

const RETRY = 3000;

const live = document.querySelector("#live");
const lost = document.querySelector("#lost");
const news = document.querySelector("#news");

/** @param {boolean} isLost */
function showLost(isLost) {
  lost?.toggleAttribute("hidden", !isLost);
}

/** @param {string} fragment */
function show(fragment) {
  if (!live) return;
  const before = live.querySelector(".summary")?.textContent;
  // Made by this page's own server, which escapes what users wrote.
  live.innerHTML = fragment;
  const after = live.querySelector(".summary")?.textContent ?? "";
  // Screen readers say what changes in here, and only that.
  if (news && after !== before) news.textContent = after;
}

function follow() {
  const source = new EventSource("events");
  source.addEventListener("open", () => showLost(false));
  source.addEventListener("fragment", (event) => show(event.data));
  source.addEventListener("error", () => {
    showLost(true);
    // The browser tries again by itself unless the server refused.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, RETRY);
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

follow();
offerCopies();
