// Pictures of the main states, for a reader's eye: 1280 and 390 pixels wide, light and dark.
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, manifest, predictions, visit } from "./browser.mjs";
import { madeUp, serveRows } from "./made.mjs";
import { SENT, SENT_WITH_BURN, fragmentOf } from "./sender.mjs";

const FOLDER = process.env.CONVSCOPE_SHOTS || "target/screenshots";
const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];

let browser;
/** @type {Awaited<ReturnType<typeof madeUp>>} */
let withHeads;
/** @type {string} a folder of photos, named after what they show */
let photos;
before(async () => {
  browser = await launch();
  photos = await mkdtemp(join(tmpdir(), "convscope-"));
  for (const [label, file] of [["espresso", "coffee.png"], ["Egyptian cat", "chelsea.png"], ["tripod", "camera.png"], ["rocket", "rocket.jpg"]]) {
    await mkdir(join(photos, label));
    await copyFile(`www/samples/${file}`, join(photos, label, file));
  }
  withHeads = await madeUp(browser, "googlenet");
  await mkdir(FOLDER, { recursive: true });
});
after(async () => {
  await browser?.close();
  await rm(photos, { recursive: true });
});

const holdWeights = (page) => page.route("**/*.safetensors", () => {});
const noCamera = (page) => page.addInitScript(() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError"));
});

const few = async (page) => serveRows(page, (await manifest()).filter(({ id }) => /^(lenet5|efficientnet_lite0)$/.test(id)));
const variants = async (page) => serveRows(page, (await manifest()).filter(({ id }) => id === "efficientnet_lite0").flatMap((row) => [row, { ...row, variant: "q4" }]));

const builds = async (page) => {
  const networks = await manifest();
  const building = [{ name: "burn", text: "being built, 3 min of about 9 min" }, { name: "weights of resnet18", text: "waiting" }];
  await page.route("**/weights/manifest.json", (route) => route.fulfill({ json: { version: 1, networks, building } }));
};

const STATES = {
  burn: { query: "?device=cpu&engine=burn", reach: (page) => predictions(page) },
  building: { query: "?device=cpu&engine=burn", before: builds, reach: (page) => page.getByText(/^burn is not built yet/).first().waitFor() },
  ready: { query: "?device=cpu", reach: (page) => predictions(page) },
  term: {
    query: "?device=cpu",
    reach: async (page) => {
      await predictions(page);
      await page.getByRole("button", { name: "softmax" }).click();
    },
  },
  glossary: { query: "?device=cpu#glossary", reach: (page) => page.getByText("Receptive field", { exact: true }).waitFor() },
  stored: {
    query: "?device=cpu",
    reach: async (page) => {
      await predictions(page);
      await page.getByRole("link", { name: "Stored weights" }).click();
      await page.locator("#stored-list li").waitFor();
    },
  },
  digitsOnly: { query: "?network=lenet5&device=cpu&source=sample:chelsea", reach: (page) => predictions(page) },
  loading: { query: "?device=cpu", before: holdWeights, reach: (page) => page.getByText(/A cup of espresso\. /).waitFor() },
  pad: {
    query: "?network=lenet5&device=cpu",
    reach: async (page) => {
      await page.locator("#status").filter({ hasText: "LeNet-5" }).waitFor();
      const box = await page.locator("#pad").boundingBox();
      const at = (x, y) => page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 12 });
      await at(0.3, 0.25);
      await page.mouse.down();
      await at(0.68, 0.25);
      await at(0.45, 0.78);
      await page.mouse.up();
      await predictions(page);
    },
  },
  random: { query: "?network=efficientnet_b0&device=cpu", before: few, reach: (page) => page.locator("#inference").filter({ hasText: "ms" }).waitFor() },
  memory: {
    query: "?device=cpu",
    before: few,
    reach: async (page) => {
      await predictions(page);
      await page.getByLabel("Network").selectOption("vgg16");
      await page.getByRole("button", { name: "Load VGG-16" }).waitFor();
    },
  },
  heads: {
    query: "?network=googlenet&device=cpu&heads=1&vote=1",
    before: (page) => withHeads(page),
    reach: (page) => page.getByText("Vote of all outputs", { exact: true }).waitFor(),
  },
  variants: { query: "?device=cpu&weights=q4", before: variants, reach: (page) => predictions(page) },
  "no-camera": { query: "?device=cpu&source=camera", before: noCamera, reach: async (page) => {
    await errorSays(page, /No camera was found/);
    await predictions(page);
  } },
  compare: {
    query: "?networks=lenet5,efficientnet_lite0,efficientnet_lite1,efficientnet_lite2,mobilenet_v2&device=cpu&source=sample:rocket",
    reach: async (page) => {
      for (const name of ["LeNet-5", "EfficientNet-Lite0", "EfficientNet-Lite1", "EfficientNet-Lite2"]) {
        await page.getByRole("list", { name: `Predictions of ${name}`, exact: true }).getByRole("listitem").first().waitFor();
      }
      await page.getByText(/^No answer: with random weights/).waitFor();
      await page.waitForFunction(() => [...document.querySelectorAll("#answers-cards .predictions")].every((list) => list.ariaBusy === "false"));
    },
  },
  "compare-memory": {
    query: "?networks=lenet5,alexnet,vgg16,googlenet,resnet152,efficientnet_b0&device=cpu",
    before: few,
    reach: (page) => page.getByText(/Waiting for your consent/).first().waitFor(),
  },
  benchmark: {
    query: "?networks=lenet5,efficientnet_lite0,squeezenet1_1&device=cpu&tab=benchmark",
    reach: (page) => page.getByText(/^3 rows, at most/).waitFor(),
  },
  "benchmark-building": {
    query: "?networks=lenet5,efficientnet_lite0&device=cpu&tab=benchmark",
    before: builds,
    reach: (page) => page.getByText(/^2 rows, at most/).waitFor(),
  },
  "benchmark-burn": {
    query: `?networks=lenet5&device=cpu&tab=benchmark${fragmentOf(SENT_WITH_BURN)}`,
    reach: (page) => page.locator(".chart").nth(3).waitFor(),
  },
  "benchmark-result": { query: `?networks=lenet5,efficientnet_lite0,resnet18&device=cpu&tab=benchmark${fragmentOf(SENT)}`, before: few, reach: async (page) => {
    await page.getByLabel("Time for a row, at most").selectOption("3");
    await page.getByRole("button", { name: "Start the benchmark" }).click();
    await page.getByText("The benchmark has ended.", { exact: true }).waitFor({ state: "attached" });
    await page.locator(".chart").nth(3).waitFor();
  } },
  folder: { query: "?networks=lenet5,efficientnet_lite0,efficientnet_lite1&device=cpu&tab=folder", reach: async (page) => {
    await page.getByRole("button", { name: "Choose a folder" }).and(page.locator(":enabled")).waitFor();
    await page.locator("#folder-input").setInputFiles(photos);
    await page.getByText(/^The folder has been evaluated\. 4 pictures/).waitFor();
  } },
};

/** The window is tall, because rows of a table that are out of sight are not drawn. */
const INSIDE = {
  "inside-layers": {
    query: "?inside=vgg16&with=resnet18&device=cpu",
    before: few,
    reach: async (page) => {
      await page.locator('#layer-table tbody[aria-busy="false"] tr').first().waitFor();
      await page.locator("#strips").getByText(/ResNet-18/).first().waitFor();
    },
  },
  "inside-diagram": {
    query: "?inside=googlenet&tab=diagram&layer=inception_3a/3x3&device=cpu",
    before: few,
    reach: (page) => page.getByRole("treeitem", { name: /^inception_3a\/3x3,/ }).waitFor(),
  },
  "inside-features": {
    query: "?inside=efficientnet_lite0&tab=features&device=cpu&source=sample:chelsea",
    reach: async (page) => {
      await page.locator('#features-grid[data-look="pairs"]').waitFor();
      await page.locator(".features-map").first().click();
      await page.locator("#features-detail").waitFor();
    },
  },
  "inside-attention": {
    query: "?inside=efficientnet_lite0&with=efficientnet_lite1&tab=attention&device=cpu&source=sample:chelsea",
    reach: async (page) => {
      for (const cells of [/7\s×\s7 cells/, /8\s×\s8 cells/]) await page.getByText(cells).first().waitFor();
    },
  },
};

for (const [name, { query, before, reach }] of Object.entries({ ...STATES, ...INSIDE })) {
  test(`screenshots: ${name}`, { timeout: PATIENCE }, async () => {
    const sizes = name in INSIDE ? SIZES.map(({ width }) => ({ width, height: 3000 })) : SIZES;
    const page = await visit(browser, query, { before, context: { viewport: sizes[0] } });
    await reach(page);
    for (const viewport of sizes) {
      await page.setViewportSize(viewport);
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(900); // charts are drawn anew
        await page.screenshot({ path: join(FOLDER, `${name}-${viewport.width}-${colorScheme}.png`), fullPage: true });
      }
    }
    await closeVisit(page);
  });
}
