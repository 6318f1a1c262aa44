// What goes wrong is said in a sentence, and what worked before goes on working.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PATIENCE, closeVisit, errorSays, launch, predictions, stubFirstWorker, visit } from "./browser.mjs";

const OTHER = "lenet5";

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/**
 * @param {string} name of the DOMException
 * @returns {(page: import("playwright-core").Page) => Promise<void>}
 */
const cameraRejects = (name) => (page) => page.addInitScript((name) => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
}, name);

for (const [name, sentence] of [
  ["NotAllowedError", /does not let this page use the camera/],
  ["NotFoundError", /No camera was found/],
  ["NotReadableError", /in use by another program/],
]) {
  test(`the camera: ${name}`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, "?device=cpu", { before: cameraRejects(name) });
    await predictions(page, "espresso");
    await page.getByRole("button", { name: "Camera", exact: true }).click();
    await errorSays(page, sentence);
    await page.getByRole("button", { name: "Try again" }).waitFor();
    await predictions(page, "espresso");

    await page.getByRole("button", { name: "Chelsea the cat" }).click();
    await page.getByText(/^Chelsea the cat\. /).waitFor();
    assert.equal(await page.getByRole("alert").textContent(), "");
    await closeVisit(page);
  });
}

test("a link to the camera where it is denied shows the sample instead", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&source=camera", { before: cameraRejects("NotAllowedError") });
  await errorSays(page, /does not let this page use the camera/);
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("no WebGPU: the CPU takes over and the page says so", { timeout: PATIENCE }, async () => {
  const without = await launch({ webgpu: false });
  try {
    const page = await visit(without, "?device=webgpu");
    await page.getByText(/WebGPU cannot be used here, so the CPU computes/).waitFor();
    await predictions(page, "espresso");
    assert.ok(await page.getByRole("radio", { name: "CPU" }).isChecked());
  } finally {
    await without.close();
  }
});

const HARM = {
  truncated: (body) => body.subarray(0, body.length >> 1),
  corrupted: (body) => {
    const copy = Buffer.from(body);
    copy[copy.length >> 1] ^= 1;
    return copy;
  },
};

for (const [how, harm] of Object.entries(HARM)) {
  test(`a ${how} weight file`, { timeout: PATIENCE }, async () => {
    const page = await visit(browser, "?device=cpu");
    await predictions(page, "espresso");
    await page.route(`**/weights/${OTHER}/*.safetensors`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ status: 200, body: harm(await response.body()), contentType: "application/octet-stream" });
    });
    await page.getByLabel("Network").selectOption(OTHER);
    await errorSays(page, new RegExp(`${OTHER}/weights-.*safetensors .*Try again`));
    assert.equal(await page.getByLabel("Network").inputValue(), "efficientnet_lite0");
    assert.doesNotMatch(page.url(), /network=/);

    await page.getByRole("button", { name: "Chelsea the cat" }).click();
    await page.getByText(/^Chelsea the cat\. /).waitFor();
    assert.match((await predictions(page))[0].label, /cat|tabby/i);

    await page.unrouteAll();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("#status").filter({ hasText: "LeNet-5" }).waitFor();
    assert.equal(await page.getByLabel("Network").inputValue(), OTHER);
    await closeVisit(page);
  });
}

test("a first download that fails can be tried again", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", { before: (page) => page.route("**/*.safetensors", (route) => route.abort()) });
  await errorSays(page, /could not be downloaded/);
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("a network this server has not", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&network=nonesuch");
  await errorSays(page, /no network “nonesuch”/);
  await page.waitForFunction(() => document.querySelector("#network").value === "efficientnet_lite0");
  await closeVisit(page);
});

test("a file that is no picture, and a picture of one pixel", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu");
  await predictions(page, "espresso");
  await page.locator("#file").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") });
  await errorSays(page, /“notes\.txt” is not a picture/);
  await predictions(page, "espresso");

  const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==", "base64");
  await page.locator("#file").setInputFiles({ name: "pixel.png", mimeType: "image/png", buffer: pixel });
  await page.getByText("pixel.png", { exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelector('#predictions[aria-busy="false"] li') || document.querySelector("#errors .message"));

  await page.getByRole("button", { name: "A cup of espresso" }).click();
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("a worker that dies is replaced, and the network loaded again", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", {
    before: (page) => page.addInitScript(() => {
      const Real = Worker;
      globalThis.Worker = class extends Real {
        constructor(...args) {
          super(...args);
          globalThis.lastWorker = this;
        }
      };
    }),
  });
  await predictions(page, "espresso");
  await page.evaluate(() => globalThis.lastWorker.dispatchEvent(new Event("error")));
  await page.getByText(/engine stopped unexpectedly\. It is being started again/).waitFor();
  await predictions(page, "espresso");
  await closeVisit(page);
});

test("a thread that dies leads to a new worker, with the same network and picture", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu&source=sample:chelsea", { before: (page) => stubFirstWorker(page, { classify: { error: { code: "crashed", message: "A thread of the engine stopped unexpectedly." } } }) });
  await page.getByText(/engine stopped unexpectedly\. It is being started again, and the network is loaded again/).waitFor();
  assert.match((await predictions(page))[0].label, /cat|tabby/i);
  assert.match(page.url(), /\?device=cpu&source=sample:chelsea$/);
  assert.equal(await page.getByRole("alert").textContent(), "");
  await closeVisit(page);
});

test("a graphics device that is lost is started anew, and the network loaded again", { timeout: PATIENCE }, async () => {
  const doomed = await launch(); // its own browser: the others share one graphics process
  try {
    const page = await visit(doomed, "?device=webgpu&source=sample:chelsea");
    await predictions(page);
    await (await doomed.newBrowserCDPSession()).send("Browser.crashGpuProcess");
    await page.getByRole("button", { name: "A cup of espresso" }).click();
    await page.getByText(/graphics device was lost\. It is being started again/).waitFor();
    await predictions(page, "espresso");
  } finally {
    await doomed.close();
  }
});

test("a shared module that does not come, and a storage that throws, leave no page without a word", async () => {
  const page = await visit(browser, "?network=squeezenet1_1&device=cpu", { before: (page) => page.route("**/www/ownPicture.js", (route) => route.abort()) });
  await errorSays(page, /A part of the page could not be downloaded\. Check the connection and try again\./);
  await page.unrouteAll();
  await page.getByRole("button", { name: "Reload the page" }).click();
  await page.getByRole("button", { name: "Camera" }).waitFor();
  await predictions(page, "espresso");
  await closeVisit(page);

  const blocked = await visit(browser, "?network=squeezenet1_1&device=cpu", {
    before: (page) => page.addInitScript(() => Object.defineProperty(globalThis, "caches", { get() { throw new DOMException("denied", "SecurityError"); } })),
  });
  await predictions(blocked, "espresso");
  await closeVisit(blocked);
});

test("without the list of photos no photo stands there that no network looks at", async () => {
  const page = await visit(browser, "?device=cpu", { before: (page) => page.route("**/www/samples.json", (route) => route.abort()) });
  await page.getByText("The list of sample photos could not be downloaded. The camera and your own pictures work.").waitFor();
  await page.locator(".first-photo").waitFor({ state: "detached" });
  await closeVisit(page);
});

test("a view whose module does not come says so whatever the networks do, and comes when it is tried again", async () => {
  for (const [query, file] of [["?networks=lenet5&device=cpu", "compare/views/charts.js"], ["?device=cpu", "single/views/timing.js"]]) {
    const page = await visit(browser, query, {
      before: async (page) => {
        await page.route(`**/www/${file}`, (route) => route.abort());
        await page.route("**/weights/manifest.json", async (route) => setTimeout(() => route.continue(), 1500)); // the networks are chosen after the view has failed
      },
    });
    await errorSays(page, /A part of the page could not be downloaded/);
    await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => name.endsWith(".safetensors")));
    await page.waitForTimeout(300);
    await errorSays(page, /A part of the page could not be downloaded/);
    await page.unrouteAll();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("#predictions li, #answers-cards article").first().waitFor();
    assert.equal(await page.getByRole("alert").textContent(), "");
    await closeVisit(page);
  }
});

test("where a browser keeps a module's failure, the second try offers to load the page again", async () => {
  const page = await visit(browser, "?networks=lenet5&device=cpu", { before: (page) => page.route("**/www/compare/view.js", (route) => route.abort()) });
  await page.getByRole("button", { name: "Try again" }).click();
  await errorSays(page, /still does not come, although the server answers\. Reload the page/);
  await page.unrouteAll();
  await page.getByRole("button", { name: "Reload the page" }).click();
  await page.locator("#answers-cards article").waitFor();
  await closeVisit(page);
});

test("a notice about several parts that did not come brings all of them", async () => {
  const page = await visit(browser, "?inside=lenet5&device=cpu", {
    before: async (page) => {
      await page.route("**/www/story/view.js", (route) => route.abort());
      await page.route("**/www/inside/layers/tab.js", (route) => route.abort());
    },
  });
  await page.getByText("A part of the page could not be downloaded. Check the connection and try again.").waitFor();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("#layer-table").waitFor();
  await page.locator("#inside-story details").first().waitFor();
  assert.equal(await page.locator("#notices").textContent(), "");
  await closeVisit(page);
});

test("a page whose first modules do not come says so, and how to go on", async () => {
  for (const file of ["main.js", "lineup.js", "photo.js"]) {
    const page = await visit(browser, "?device=cpu", { before: (page) => page.route(`**/www/${file}`, (route) => route.abort()) });
    await page.getByRole("alert").filter({ hasText: /could not be downloaded, so that it did not start/ }).waitFor();
    await page.unrouteAll();
    await page.getByRole("link", { name: "load the page again" }).click();
    await predictions(page, "espresso");
    assert.equal(await page.locator("#not-started").count(), 0);
    await closeVisit(page);
  }
});

test("that a browser is too old for the page stays there, though the page starts", async () => {
  const page = await visit(browser, "?device=cpu", { before: (page) => page.addInitScript(() => delete AbortSignal.prototype.throwIfAborted) });
  const text = page.getByRole("alert").filter({ hasText: "This browser is too old for the page" });
  await text.waitFor();
  await page.getByRole("button", { name: "A cup of espresso" }).waitFor();
  assert.equal(await text.isVisible(), true);
  await closeVisit(page);
});

test("a page whose code comes very late says that it has not come yet", { timeout: PATIENCE }, async () => {
  /** @type {Promise<unknown> | undefined} */
  let said;
  const page = await visit(browser, "?device=cpu", {
    before: async (page) => {
      await page.route("**/www/lineup.js", async (route) => setTimeout(() => route.continue(), 17_000));
      said = page.getByText(/The page's code has not come yet/).waitFor();
    },
  }); // it has been loaded when the code has come
  await said;
  await predictions(page, "espresso");
  assert.equal(await page.locator("#not-started").count(), 0);
  await closeVisit(page);
});

test("a storage, and a graphics process, that never answer keep nothing from starting", { timeout: PATIENCE }, async () => {
  const page = await visit(browser, "?device=cpu", {
    before: (page) => page.addInitScript(() => {
      globalThis.opened = 0;
      CacheStorage.prototype.open = () => (globalThis.opened++, new Promise(() => {}));
    }),
  });
  await predictions(page, "espresso");
  await page.getByText("The weights could not be kept for the next visit. They will be downloaded again.").waitFor();
  await page.getByLabel("Network").selectOption("lenet5");
  await page.locator("#status").filter({ hasText: "LeNet-5" }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.opened), 1, "a storage that does not answer is not waited for again");
  await closeVisit(page);

  const found = await visit(browser, "?device=cpu", {
    before: (page) => page.addInitScript(() => { Cache.prototype.match = () => new Promise(() => {}); }),
  });
  await predictions(found, "espresso");
  await closeVisit(found);

  const hung = await visit(browser, "?network=lenet5&source=sample:coffee", {
    before: (page) => page.route("**/src/web/gpu.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `if (globalThis.GPU) GPU.prototype.requestAdapter = () => new Promise(() => {});\n${await response.text()}` });
    }),
  });
  await predictions(hung);
  await closeVisit(hung);
});
