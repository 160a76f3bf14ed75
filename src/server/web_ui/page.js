/**
 * Draws the charts of a tunnel, anew whenever the live part brings new samples.
 */

const live = document.querySelector("#live");

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

drawCharts();
document.addEventListener("live", drawCharts);
addEventListener("resize", fitCharts);
matchMedia("(prefers-color-scheme: dark)").addEventListener(
  "change",
  redrawCharts,
);
