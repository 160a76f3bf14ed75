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
  drawCharts();
  const after = live.querySelector(".summary")?.textContent ?? "";
  // Screen readers say what changes in here, and only that.
  if (news && after !== before) news.textContent = after;
}

function follow() {
  const source = new EventSource(live?.getAttribute("data-events") ?? "");
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

/** Charts of a tunnel's page: title, and the columns of the samples with their names and colours. */
const CHARTS = [
  {
    title: "Bytes a second",
    series: [[1, "to the client", "--green"], [2, "from the client", "--blue"]],
  },
  { title: "Streams", series: [[3, "streams", "--amber"]] },
  { title: "Round trip, ms", series: [[4, "round trip", "--blue"]] },
];

const CHART_HEIGHT = 180;
let drawn = [];

/** @param {string} name */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

function drawCharts() {
  const place = document.querySelector("#charts");
  const text = live?.querySelector("[data-samples]")?.getAttribute(
    "data-samples",
  );
  if (!place || !text || !globalThis.uPlot) return;
  const columns = JSON.parse(text);
  CHARTS.forEach((chart, at) => {
    const data = [
      columns[0],
      ...chart.series.map(([column]) => columns[column]),
    ];
    drawn[at] ??= newChart(place, chart);
    drawn[at].setData(data);
  });
}

function newChart(place, { title, series }) {
  const grid = { stroke: colour("--line"), width: 1 };
  const axis = { stroke: colour("--faint"), grid, ticks: grid };
  return new globalThis.uPlot(
    {
      title,
      width: widthOf(place),
      height: CHART_HEIGHT,
      axes: [axis, {
        ...axis,
        size: 64,
        values: (_chart, ticks) => ticks.map(short),
      }],
      scales: {
        y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] },
      },
      series: [
        { label: "time" },
        ...series.map(([_column, label, name]) => ({
          label,
          stroke: colour(name),
          width: 2,
        })),
      ],
    },
    [[], ...series.map(() => [])],
    place,
  );
}

/** @param {Element} place */
function widthOf(place) {
  return Math.min(place.clientWidth, 520);
}

/** @param {number} value */
function short(value) {
  return Intl.NumberFormat("en", { notation: "compact" }).format(value);
}

/** Charts have the colours of the moment in which they are made. */
function redrawCharts() {
  for (const chart of drawn) chart.destroy();
  drawn = [];
  drawCharts();
}

/** Charts are as wide as their place. */
function fitCharts() {
  const place = document.querySelector("#charts");
  if (!place) return;
  const size = { width: widthOf(place), height: CHART_HEIGHT };
  for (const chart of drawn) chart.setSize(size);
}

if (live) follow();
offerCopies();
drawCharts();
addEventListener("resize", fitCharts);
matchMedia("(prefers-color-scheme: dark)").addEventListener(
  "change",
  redrawCharts,
);
