// @ts-check
import { state, subscribe } from "../../state.js";
import { element, make, write } from "../../views/page.js";
import { chartMarkup } from "../pure/chart.js";
import { accuracyChart, lossChart, profileChart, spreadChart, stuckChart, updatesChart } from "../pure/charts.js";

const HEIGHT = 210; // pixels
const CHARTS = { loss: lossChart, accuracy: accuracyChart, profile: profileChart, spread: spreadChart, stuck: stuckChart, updates: updatesChart };

/** @param {(scales: { logLoss?: boolean, logSteps?: boolean }) => void} onScales */
export function showCharts(onScales) {
  const [logLoss, logSteps] = [element("lab-log-loss", HTMLInputElement), element("lab-log-steps", HTMLInputElement)];
  logLoss.addEventListener("change", () => onScales({ logLoss: logLoss.checked }));
  logSteps.addEventListener("change", () => onScales({ logSteps: logSteps.checked }));

  const figures = /** @type {NodeListOf<HTMLElement>} */ (element("lab-charts", HTMLElement).querySelectorAll("[data-chart]"));
  const charts = [...figures].map((figure) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.classList.add("lab-chart");
    svg.setAttribute("role", "img");
    svg.setAttribute("height", String(HEIGHT));
    const note = make("p", { className: "note lab-note" });
    figure.append(svg, note);
    return { svg, note, width: 0, chartOf: CHARTS[/** @type {keyof typeof CHARTS} */ (figure.dataset.chart)] };
  });
  /** @type {{ signature: string }} */
  const drawn = { signature: "" };
  const draw = () => {
    const { lab, view } = state;
    logLoss.checked = lab.logLoss;
    logSteps.checked = lab.logSteps;
    const signature = [lab.drawn, lab.logLoss, lab.logSteps, lab.runs.length, ...charts.map(({ width }) => width)].join(" ");
    if (view !== "lab" || signature === drawn.signature) return;
    drawn.signature = signature;
    for (const { svg, note, width, chartOf } of charts) {
      if (!width) continue;
      const chart = chartOf(lab);
      svg.setAttribute("aria-label", chart.title);
      svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
      svg.innerHTML = chartMarkup(chart, { width, height: HEIGHT });
      write(note, chart.note);
    }
  };
  const observer = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      for (const chart of charts) if (chart.svg === target) chart.width = Math.round(contentRect.width);
    }
    draw();
  });
  for (const { svg } of charts) observer.observe(svg);
  subscribe(draw);
}
