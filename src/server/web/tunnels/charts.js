/** Draws the charts of a tunnel, and updates them with each new sample. */

const live = document.querySelector("#live");

/** The charts: title, format of the values, and columns of the samples with label and colour. */
const CHARTS = [
  {
    title: "Throughput",
    text: (value) => `${scaled(value)}B/s`,
    series: [[1, "to the client", "--green"], [2, "from the client", "--blue"]],
  },
  { title: "Streams", text: String, series: [[3, "streams", "--amber"]] },
  {
    title: "Round trip",
    text: (value) => `${Number(value.toFixed(1))} ms`,
    series: [[4, "round trip", "--blue"]],
  },
];

const CHART_HEIGHT = 180;
/** Time that a chart covers, in seconds. */
const SPAN = 300;
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
  // All figures first: each changes the width of the others.
  if (drawn.length === 0) place.replaceChildren(...CHARTS.map(newFigure));
  CHARTS.forEach((chart, at) => {
    const data = [
      columns[0],
      ...chart.series.map(([column]) => columns[column]),
    ];
    drawn[at] ??= newChart(place.children[at], chart);
    drawn[at].setData(data);
  });
}

function newFigure({ title }) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  figure.className = "panel chart";
  caption.textContent = title;
  figure.append(caption);
  return figure;
}

function newChart(figure, { text, series }) {
  const grid = { stroke: colour("--border"), width: 1 };
  const axis = { stroke: colour("--text-muted"), grid, ticks: grid };
  return new globalThis.uPlot(
    {
      ...sizeOf(figure),
      axes: [
        { ...axis, space: 50, values: (_chart, ticks) => ticks.map(clock) },
        {
          ...axis,
          size: 72,
          space: 36,
          values: (_chart, ticks) => ticks.map(text),
        },
      ],
      scales: {
        x: { range: (_chart, _first, last) => [last - SPAN, last] },
        y: { range: (_chart, _low, high) => [0, Math.max(1, high * 1.1)] },
      },
      series: [
        {
          label: "time",
          value: (_chart, at) => at === null ? "now" : clock(at),
        },
        ...series.map((one) => newSeries(one, text)),
      ],
    },
    [[], ...series.map(() => [])],
    figure,
  );
}

function newSeries([_column, label, name], text) {
  return {
    label,
    stroke: colour(name),
    fill: `${colour(name).trim()}22`,
    width: 2,
    points: { show: false },
    // Without a pointer on the chart, the newest value.
    value(chart, value, at) {
      const shown = value ?? chart.data[at].at(-1);
      return typeof shown === "number" ? text(shown) : "–";
    },
  };
}

/** @param {HTMLElement} figure */
function sizeOf(figure) {
  const { paddingLeft, paddingRight } = getComputedStyle(figure);
  const padding = parseFloat(paddingLeft) + parseFloat(paddingRight);
  return { width: figure.clientWidth - padding, height: CHART_HEIGHT };
}

/** The time of day: `15:04`, with seconds if they are not 0. */
function clock(seconds) {
  const text = new Date(seconds * 1000).toTimeString();
  return seconds % 60 === 0 ? text.slice(0, 5) : text.slice(0, 8);
}

/** Powers of 1000, as on the rest of the page. */
function scaled(value) {
  const units = ["", "k", "M", "G"];
  const power = Math.min(
    units.length - 1,
    Math.floor(Math.log10(Math.max(1, value)) / 3),
  );
  const number = value / 1000 ** power;
  return `${Number(number.toFixed(number < 10 ? 1 : 0))} ${units[power]}`;
}

/** A chart keeps the colours that it was made with. */
function redrawCharts() {
  for (const chart of drawn) chart.destroy();
  drawn = [];
  drawCharts();
}

/** A chart does not follow the width of its figure by itself. */
function fitCharts() {
  for (const chart of drawn) chart.setSize(sizeOf(chart.root.parentElement));
}

drawCharts();
document.addEventListener("live", drawCharts);
addEventListener("resize", fitCharts);
matchMedia("(prefers-color-scheme: dark)").addEventListener(
  "change",
  redrawCharts,
);
