// Every view and every tab, each with its own address and what tells that it is there.
import { SENT, fragmentOf } from "./sender.mjs";

const NETWORKS = "squeezenet1_1,efficientnet_lite0";

/** @type {Record<string, { query: string, ready: string, story?: true }>} ready: what has to be seen; story: it tells what was new in the network */
export const VIEWS = {
  "one network": { query: "?device=cpu", ready: '#predictions[aria-busy="false"] li', story: true },
  "compare, one picture": { query: `?networks=${NETWORKS}&device=cpu`, ready: "#matrix td" },
  "compare, benchmark": { query: `?networks=${NETWORKS}&tab=benchmark&device=cpu${fragmentOf(SENT)}`, ready: ".chart:nth-child(4) svg[role=img]" },
  "compare, many pictures": { query: `?networks=${NETWORKS}&tab=folder&device=cpu`, ready: "#folder-choose" },
  "inside, layers": { query: "?inside=squeezenet1_1&device=cpu", ready: '#layer-table tbody[aria-busy="false"] tr', story: true },
  "inside, diagram": { query: "?inside=squeezenet1_1&tab=diagram&device=cpu", ready: ".drawing .node", story: true },
  "inside, features": { query: "?inside=squeezenet1_1&tab=features&device=cpu", ready: ".features-map", story: true },
  "inside, what it looks at": { query: "?inside=squeezenet1_1&tab=attention&device=cpu", ready: ".attention-classes-list button", story: true },
  "gradient lab": { query: "?lab=vanishing", ready: "#lab-form input" },
};

/**
 * Waits for a view, and opens whatever can be opened in it, so that all of it is seen.
 * @param {import("playwright-core").Page} page
 * @param {(typeof VIEWS)[string]} view
 */
export async function openAll(page, { ready, story }) {
  await page.locator(ready).first().waitFor();
  const open = () => page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await open();
  if (!story) return;
  await page.locator(".story-points .point").first().waitFor();
  await open(); // also what the story has folded away
}
