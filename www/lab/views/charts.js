// @ts-check
import { state, subscribe } from "../../state.js";
import { chartScale } from "../../views/chartScale.js";
import { element, make, write } from "../../views/page.js";
import { chartMarkup } from "../pure/chart.js";
import { CHARTS } from "../pure/charts.js";
import { mostLayers } from "../pure/layers.js";
import { showNumbers } from "./numbers.js";

const HEIGHT = 226; // pixels before they are scaled, as in lab.css
const NEAR = "200px";

/**
 * The charts. Those out of sight are not drawn; of those in sight, every second one is drawn in turn while it is trained,
 * so that a drawing is short.
 * @param {(scales: { logLoss?: boolean, logSteps?: boolean }) => void} onScales
 */
export function showCharts(onScales) {
  const [logLoss, logSteps] = [element("lab-log-loss", HTMLInputElement), element("lab-log-steps", HTMLInputElement)];
  logLoss.addEventListener("change", () => onScales({ logLoss: logLoss.checked }));
  logSteps.addEventListener("change", () => onScales({ logSteps: logSteps.checked }));

  const figures = /** @type {NodeListOf<HTMLElement>} */ (element("lab-charts", HTMLElement).querySelectorAll("[data-chart]"));
  const charts = [...figures].map(chartIn);
  const draw = () => {
    const { view, lab } = state;
    if (view !== "lab") return;
    logLoss.checked = lab.logLoss;
    logSteps.checked = lab.logSteps;
    for (const [i, chart] of charts.entries()) {
      const isTurn = lab.phase !== "training" || (i + lab.drawn) % 2 === 0;
      const signature = [lab.drawn, lab.logLoss, lab.logSteps, mostLayers(lab), chart.width].join(" ");
      if (!isTurn || !chart.isSeen || !chart.width || signature === chart.signature) continue;
      chart.signature = signature;
      chart.draw(lab);
    }
  };
  const follow = (/** @type {Element} */ svg, /** @type {Partial<(typeof charts)[number]>} */ patch) => {
    Object.assign(charts.find((chart) => chart.svg === svg) ?? {}, patch);
    draw();
  };
  const sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) follow(target, { width: Math.round(contentRect.width) });
  });
  const sights = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) follow(target, { isSeen: isIntersecting });
  }, { rootMargin: NEAR });
  for (const { svg } of charts) {
    sizes.observe(svg);
    sights.observe(svg);
  }
  subscribe(draw);
  showNumbers();
}

/** @param {HTMLElement} figure with the chart's name, and whatever else belongs into its head */
function chartIn(figure) {
  const name = /** @type {import("../pure/charts.js").Name} */ (figure.dataset.chart);
  const { title, draw } = CHARTS[name];
  const [svg, axes, series] = ["svg", "g", "g"].map((name) => /** @type {SVGElement} */ (document.createElementNS("http://www.w3.org/2000/svg", name)));
  const caption = make("p", { className: "note lab-caption", id: `lab-caption-${name}` });
  const note = make("p", { className: "note lab-note", id: `lab-note-${name}` });
  svg.classList.add("lab-chart");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  svg.setAttribute("aria-describedby", `${caption.id} ${note.id}`);
  svg.append(axes, series);
  const head = figure.querySelector("figcaption") ?? figure.appendChild(make("figcaption"));
  head.prepend(make("h3", { textContent: title }));
  figure.append(svg, caption, note);
  const drawn = { axes: "" };
  return {
    svg,
    width: 0,
    isSeen: false,
    signature: "",
    /** @param {import("../state.js").Lab} lab */
    draw(lab) {
      const chart = draw(lab);
      const width = Math.round(this.width / chartScale());
      const markup = chartMarkup(chart, { width, height: HEIGHT });
      if (markup.axes !== drawn.axes) axes.innerHTML = drawn.axes = markup.axes;
      series.innerHTML = markup.series;
      svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
      write(caption, chart.caption);
      write(note, chart.note);
    },
  };
}
