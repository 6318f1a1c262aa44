// What was new in each network: every number in the stories is counted again here, from the sizes in the papers.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Engine, initSync } from "../../pkg/convscope.js";
import { depthOf, windowOf } from "../../www/story/pure/counts.js";
import { CHALLENGE, PAPERS, SOURCES, TEST_ERRORS } from "../../www/story/pure/facts.js";
import { inWords, quantity, share, times } from "../../www/story/pure/numbers.js";
import { neededFor, storyOf } from "../../www/story/pure/stories.js";
import { challenge, question, record, verdict } from "../../www/story/pure/topFive.js";
import { STEPS, byYear, nameBehind, neighboursOf } from "../../www/story/pure/yearLine.js";

const ROOT = new URL("../../", import.meta.url);
initSync({ module: readFileSync(new URL("pkg/convscope_bg.wasm", ROOT)) });
const cards = Engine.cards();
const layers = Object.fromEntries(cards.map(({ id }) => [id, Engine.layers(id)]));

/** @param {string} id */
const story = (id) => storyOf(id, cards, layers) ?? assert.fail(`${id} has no story`);
/** @param {string} id @param {RegExp} title */
const point = (id, title) => story(id).news.find((point) => title.test(point.title)) ?? assert.fail(`${id} says nothing of ${title}`);
const plain = (/** @type {string} */ text) => text.replaceAll("\u00a0", " ");
/** A text must have all of these parts. @param {string} text @param {string[]} parts */
const has = (text, ...parts) => parts.forEach((part) => assert.ok(plain(text).includes(plain(part)), `“${part}” is not in: ${text}`));
const sum = (/** @type {number[]} */ numbers) => numbers.reduce((sum, number) => sum + number, 0);

test("every network has a story: what it won, what was new, and how the graph differs where its file says so", () => {
  assert.ok(cards.length >= 16);
  const folder = new URL("src/networks/", ROOT);
  const files = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
  for (const { id, name } of cards) {
    const { result, news, differs } = story(id);
    assert.ok(news.length >= 2 && news.length <= 5, `${name}: ${news.length} points`);
    for (const { title, text } of [result, ...news]) {
      assert.ok(title && /\.$/.test(text), `${name}: ${title}: ${text}`);
      assert.doesNotMatch(`${title} ${text} ${differs}`, /undefined|NaN|Infinity|\[object/, name);
    }
    assert.ok(result.sources?.length, `${name}: what it won has no source`);
    const file = files.find((text) => text.includes(`id: "${id}"`)) ?? assert.fail(`${id} is in no file`);
    assert.equal(differs !== null, /^\/\/! Differs from the paper:/m.test(file), `${name}: ${differs}`);
  }
});

test("a story waits for the layers that it needs, and a network that does not exist has none", () => {
  const { alexnet, ...others } = layers;
  assert.equal(storyOf("vgg16", cards, others), null);
  assert.equal(storyOf("vgg16", [], layers), null);
  assert.ok(storyOf("vgg16", cards, { alexnet, vgg16: layers.vgg16 }));
  assert.deepEqual(neededFor("vgg16").sort(), ["alexnet", "vgg16"]);
  assert.deepEqual(neededFor("nonsense"), []);
  assert.equal(storyOf("nonsense", cards, layers), null);
  for (const { id } of cards) {
    const needed = Object.fromEntries(neededFor(id).map((id) => [id, layers[id]]));
    assert.ok(storyOf(id, cards, needed), `${id} says which layers it needs`);
  }
});

test("LeNet-5: shared weights against a fully connected layer, and the paper's table", () => {
  const [shared, full] = [16 * (6 * 25 + 1), (6 * 14 * 14 + 1) * 16 * 10 * 10];
  has(point("lenet5", /Shared/).text, "2,416 parameters", "1.88 million", `${Math.round(full / shared)} times`);
  assert.deepEqual([shared, full], [2416, 1_883_200]);
  has(point("lenet5", /subsampling/).text, "2×2", "5×5", "14×14");
  has(story("lenet5").differs, `${6 * (3 * 25 + 1) + 9 * (4 * 25 + 1) + (6 * 25 + 1)}`.replace("1516", "1,516"), "61,706", "60,000");
  has(story("lenet5").result.text, "0.95 %", "0.8 %", "0.6 %");
});

test("AlexNet: its groups with and without, and its linear layers", () => {
  const convolutions = [[256, 96, 5, 27], [384, 384, 3, 13], [256, 384, 3, 13]]; // output, input, kernel, side
  const weights = convolutions.map(([output, input, kernel]) => output * input * kernel ** 2);
  const biases = sum(convolutions.map(([output]) => output));
  const macs = sum(convolutions.map(([, , , side], i) => weights[i] * side ** 2));
  const [grouped, whole] = [sum(weights) / 2 + biases, sum(weights) + biases];
  assert.deepEqual([grouped, whole], [1_414_016, 2_827_136]);
  has(point("alexnet", /Two graphics/).text, "three of the convolutions (conv2, conv4, conv5)", "two groups", "1.41 million parameters in place of 2.83 million", `${Math.round(macs / 2e6)} million multiply–accumulates in place of ${Math.round(macs / 1e6)} million`);
  const linear = 4096 * (9216 + 1) + 4096 * (4096 + 1) + 1000 * (4096 + 1);
  has(point("alexnet", /dropout/).text, `${((100 * linear) / 60_965_224).toFixed(1)} %`, "8.1 %", "50 %");
  has(story("alexnet").result.text, "15.3 %", "26.2 %", "19.8 %");
  has(story("alexnet").differs, "227×227", "224×224");
});

test("VGG: three 3×3 see what one 7×7 sees, with 27 C² against 49 C²", () => {
  assert.equal(windowOf([3, 3, 3]), 7);
  assert.equal(windowOf([3, 3]), 5);
  has(point("vgg16", /small filters/).text, "three convolutions with 3×3", "7×7", "27 C² weights against 49 C²", "7.08 million against 12.8 million", "1.8 times", "three rectifiers");
  assert.deepEqual([27 * 512 ** 2, 49 * 512 ** 2].map((n) => n.toPrecision(3)), ["7.08e+6", "1.28e+7"]);
  has(point("vgg19", /small filters/).text, "four convolutions with 3×3", "9×9", "36 C² weights against 81 C²");
  const early = 4 * (3 * 64 * 224 ** 2 - 64 * 224 ** 2 + 64 * 112 ** 2 + 2 * 128 * 112 ** 2); // two maps, pool1, two maps
  has(point("vgg16", /memory/).text, "five layers before pool2", `${(early / 1e6).toFixed(1)} MB of the 60.3 MB`, "69.2 %", "0.19 %");
  const fc6 = 4096 * (512 * 49 + 1);
  has(point("vgg16", /parameters are/).text, "103 million of 138 million", `${((100 * fc6) / 138_357_544).toFixed(1)} %`);
  has(point("vgg19", /VGG-16/).text, "Three convolutions more", "26.9 %", "71.6 % to 72.4 %");
  assert.equal(((19_632_062_464 - 15_470_264_320) / 15_470_264_320 * 100).toFixed(1), "26.9");
});

test("GoogLeNet: what the 1×1 reductions save, block by block, from the paper's table", () => {
  const table = [ // block, input, side, 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection
    ["3a", 192, 28, 64, 96, 128, 16, 32, 32], ["3b", 256, 28, 128, 128, 192, 32, 96, 64], ["4a", 480, 14, 192, 96, 208, 16, 48, 64],
    ["4b", 512, 14, 160, 112, 224, 24, 64, 64], ["4c", 512, 14, 128, 128, 256, 24, 64, 64], ["4d", 512, 14, 112, 144, 288, 32, 64, 64],
    ["4e", 528, 14, 256, 160, 320, 32, 128, 128], ["5a", 832, 7, 256, 160, 320, 32, 128, 128], ["5b", 832, 7, 384, 192, 384, 48, 128, 128],
  ];
  const blocks = table.map(([name, input, side, one, r3, c3, r5, c5, pool]) => {
    const places = side ** 2;
    const straight = input * (one + pool);
    return { name, reduced: places * (straight + input * (r3 + r5) + 9 * r3 * c3 + 25 * r5 * c5), naive: places * (straight + 9 * input * c3 + 25 * input * c5) };
  });
  const { text, table: shown } = point("googlenet", /narrow/);
  assert.deepEqual(shown?.rows, blocks.map(({ name, reduced, naive }) => [name, quantity(reduced), quantity(naive), times(naive / reduced)]));
  const [reduced, naive] = [sum(blocks.map(({ reduced }) => reduced)), sum(blocks.map(({ naive }) => naive))];
  const all = 1_583_000_000;
  has(text, "1.1 billion", "3.95 billion", "3.6 times", "4.43 billion in place of 1.58 billion");
  assert.equal((reduced / 1e9).toFixed(2), "1.10");
  assert.equal((naive / 1e9).toFixed(2), "3.95");
  assert.equal(((all - reduced + naive) / 1e9).toFixed(2), "4.43");
  const { weight } = cards.find(({ id }) => id === "googlenet").heads[0];
  const head = (/** @type {number} */ input) => 128 * (input + 1) + 1024 * (2048 + 1) + 1000 * (1024 + 1);
  has(point("googlenet", /Auxiliary/).text, "Two small classifiers", `${Math.round(weight * 100)} %`, `${((head(512) + head(528)) / 1e6).toFixed(2)} million`);
  has(point("googlenet", /average/).text, "1,024 maps", "58.6 million", `${(60_965_224 / 6_998_552).toFixed(1)} times`, "12 times");
  has(point("googlenet", /Several sizes/).text, "nine inception blocks", "1×1, 3×3 and 5×5", "22 layers deep");
});

test("ResNet: shortcuts, bottlenecks, depth, and what version 1.5 adds", () => {
  for (const [id, blocks, projections] of [["resnet18", 8, 3], ["resnet34", 16, 3], ["resnet50", 16, 4], ["resnet101", 33, 4], ["resnet152", 50, 4]]) {
    has(point(id, /Shortcuts/).text, `${inWords(blocks)} blocks`, `All but ${inWords(projections)} of`);
    assert.equal(depthOf(layers[id]), Number(/\d+$/.exec(id)?.[0]), `${id} is as deep as its name says`);
    has(point(id, /Deep/).text, `${depthOf(layers[id])} layers with weights`, "against 19 in VGG-19");
  }
  const places = 56 ** 2;
  const [bottleneck, wide, narrow] = [places * (256 * 64 + 9 * 64 ** 2 + 64 * 256), places * 18 * 256 ** 2, places * 18 * 64 ** 2];
  has(point("resnet50", /Bottlenecks/).text, "256 channels to 64", `${Math.round(bottleneck / 1e6)} million`, `${(wide / 1e9).toFixed(1)} billion, ${Math.round(wide / bottleneck)} times`, `${Math.round(narrow / 1e6)} million`);
  assert.equal(story("resnet34").news.some(({ title }) => title === "Bottlenecks"), false);
  const added = 0.75 * sum([[256, 128, 56], [512, 256, 28], [1024, 512, 14]].map(([input, output, side]) => input * output * side ** 2)); // the first 1×1 of three stages, four times as many places
  has(story("resnet50").differs, "three blocks", "version 1.5", `${Math.round(added / 1e6)} million multiply–accumulates`);
  has(point("resnet152", /Deep/).text, `${(143_667_240 / 60_192_808).toFixed(1)} times as many parameters`);
  has(story("resnet152").result.text, "3.6 %", "152 layers", "6 %");
});

test("SqueezeNet, MobileNetV2, EfficientNet and Lite", () => {
  has(point("squeezenet1_1", /Fire/).text, "eight modules", "64 channels in place of 512", `${(64 * 256 * 9).toLocaleString("en")} weights`, "1.18 million");
  has(point("squeezenet1_1", /AlexNet/).text, `${Math.round(60_965_224 / 1_235_496)} times as many`);
  const fires = [16, 16, 32, 32, 48, 48, 64, 64].map((squeeze, i) => ({ squeeze, expand: 4 * squeeze, input: [64, 128, 128, 256, 256, 384, 384, 512][i] }));
  const one = sum(fires.map(({ squeeze, expand, input }) => squeeze * input + squeeze * expand));
  const three = sum(fires.map(({ squeeze, expand }) => squeeze * expand));
  has(point("squeezenet1_1", /1×1/).text, "nine times", `${((100 * one) / (one + three)).toFixed(1)} %`, "256 of the 512 maps");

  const stages = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]; // expansion, channels, repeats, stride
  let [input, side, separate, joint] = [32, 112, 0, 0];
  for (const [expansion, output, repeats, stride] of stages) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      if (repeat === 0) side /= stride;
      separate += side ** 2 * input * expansion * (9 + output);
      joint += side ** 2 * input * expansion * 9 * output;
      input = output;
    }
  }
  has(point("mobilenet_v2", /Depthwise/).text, "17 pairs", quantity(separate), quantity(joint), times(joint / separate));
  has(point("mobilenet_v2", /Inverted/).text, "24 channels to 144", "six times", "Ten shortcuts");
  has(point("mobilenet_v2", /Linear/).text, "17 convolutions");

  const blocks = [[32, 32], [16, 96], [24, 144], [24, 144], [40, 240], [40, 240], [80, 480], [80, 480], [80, 480], [112, 672], [112, 672], [112, 672], [192, 1152], [192, 1152], [192, 1152], [192, 1152]];
  const inputs = [32, 16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192];
  const side2 = sum(blocks.map(([, wide], i) => { const narrow = inputs[i] / 4; return narrow * (wide + 1) + wide * (narrow + 1); }));
  assert.equal(side2, 636_540);
  has(point("efficientnet_b0", /Squeeze/).text, "16 blocks", `${((100 * side2) / 5_288_548).toFixed(0)} % of the parameters`);
  has(point("efficientnet_b0", /searching/).text, "nine of the 16", "5×5");
  has(point("efficientnet_lite0", /left out/).text, "636,540 of 5.29 million");
  const { text, table } = point("efficientnet_lite2", /Compound/);
  assert.deepEqual(table?.rows.map((row) => row.slice(0, 4)), [["EfficientNet-Lite0", "50", "320", "224×224"], ["EfficientNet-Lite1", "65", "320", "240×240"], ["EfficientNet-Lite2", "65", "352", "260×260"]]);
  has(text, "the depth by 30 %", "the width of the blocks by 10 %", "the side of the picture by 16.1 %", "2.2 times");
});

test("who took part in the challenge", () => {
  has(story("vgg16").result.text, "Second in the classification of ILSVRC 2014", "7.3 %", "first in the localisation");
  has(story("googlenet").result.text, "classification of ILSVRC 2014", "6.7 %");
  has(story("squeezenet1_1").result.text, "did not take part");
  for (const id of ["mobilenet_v2", "efficientnet_b0", "efficientnet_lite0"]) has(story(id).result.text, "after the challenge", "2017");
  has(story("lenet5").result.text, "There was no ImageNet challenge yet");
  const won = cards.filter(({ id }) => story(id).result.title === "What it won").map(({ id }) => id);
  assert.deepEqual(won.filter((id) => !/^(alexnet|vgg|googlenet|resnet)/.test(id)), [], "a network has won nothing");
  assert.ok(won.length >= 9 && cards.every(({ id }) => won.includes(id) || story(id).result.title === "In the challenge"));
  for (const { href } of Object.values(SOURCES)) assert.match(href, /^https:\/\/(image-net|arxiv|blog\.tensorflow)\.org\//);
  assert.ok(Object.values(TEST_ERRORS).every((error) => error > 0.03 && error < 0.3) && PAPERS.lenet.parameters > 0);
});

/** The words in a module's string and template literals, without what is computed. @param {string} code */
function literals(code) {
  const bare = code.replace(/\/\*[\s\S]*?\*\/|\/\/ .*$|^import .*$/gm, "");
  /** @type {string[]} */
  const found = [];
  const walk = (/** @type {number} */ at, /** @type {string} */ end) => {
    for (; at < bare.length && bare[at] !== end; at++) {
      if (bare[at] === "{") at = walk(at + 1, "}");
      else if (bare[at] === '"') {
        const close = bare.indexOf('"', at + 1);
        found.push(bare.slice(at + 1, close));
        at = close;
      } else if (bare[at] === "`") {
        let text = "";
        for (at++; bare[at] !== "`"; at++) {
          if (bare.startsWith("${", at)) at = walk(at + 2, "}");
          else text += bare[at];
        }
        found.push(text);
      }
    }
    return at;
  };
  walk(0, "");
  return found;
}

/** Names, and years of the challenge; everything else is computed. */
const NAMES = /\\u00a0|\b1×1\b|\bILSVRC 201[245]|results201[245]|\b[CS][1-5]\b|\b(?:c|s|fc|conv|pool|fire)\d\b|MobileNetV2|ReLU6|\b[Tt]op-[15]\b|\bfigure 1\b|version 1\.[15]\b/g;
const TYPED = /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve)\b/i;
/** Words that are no counts of a graph. */
const PHRASES = /two things at once|the same two sizes|first two (?:linear layers|convolutions)|stops at six/g;

/** @param {string} code */
const typed = (code) => literals(code).map((text) => text.replace(NAMES, "").replace(PHRASES, "")).filter((text) => TYPED.test(text));

test("no story has a number that was typed", () => {
  const folder = fileURLToPath(new URL("www/story/pure/", ROOT));
  const tellers = readdirSync(folder).filter((name) => !["facts.js", "numbers.js", "stories.js", "counts.js"].includes(name));
  assert.ok(tellers.length >= 11, tellers.join());
  let words = 0;
  for (const name of tellers) {
    const code = readFileSync(folder + name, "utf8");
    words += literals(code).join(" ").split(" ").length;
    assert.deepEqual(typed(code), [], name);
  }
  assert.ok(words > 1200, `only ${words} words were read`);
});

test("a typed number would be noticed", () => {
  assert.deepEqual(typed('const a = `It has ${quantity(5)} layers, ${b ? `which is 7 more` : "or 60 million"}.`;').sort(), ["or 60 million", "which is 7 more"]);
  assert.deepEqual(typed("const a = `All of its five layers`;"), ["All of its five layers"]);
  assert.deepEqual(typed("const a = `C3 and ${n} 1×1 in ILSVRC 2012`;"), []);
});

test("numbers in sentences", () => {
  assert.deepEqual([2416, 307_456, 60_965_224, 1_583_000_000].map(quantity), ["2,416", "307,456", "61\u00a0million", "1.58\u00a0billion"]);
  assert.deepEqual([2, 1.81, 9.04, 12.29, 779.5].map(times), ["two\u00a0times", "1.8\u00a0times", "nine\u00a0times", "12\u00a0times", "780\u00a0times"]);
  assert.deepEqual([0.5, 0.15315, 0.0095].map(share), ["50\u00a0%", "15.3\u00a0%", "0.95\u00a0%"]);
  assert.deepEqual([0, 3, 13].map(inWords), ["no", "three", "13"]);
});

test("the line of the years, and its steps", () => {
  const years = byYear(cards);
  assert.deepEqual(years.map(({ year }) => year), [...new Set(cards.map(({ year }) => year))].sort());
  assert.deepEqual([years[0].year, years.at(-1)?.year], [1998, 2020]);
  assert.deepEqual(years.flatMap(({ cards }) => cards.map(({ id }) => id)), cards.map(({ id }) => id));
  for (const { id, name } of cards.slice(1)) assert.ok(STEPS[id], `nothing says what led to ${name}`);
  const { before, after } = neighboursOf(cards, "vgg16") ?? {};
  assert.deepEqual([before?.id, after?.id], ["alexnet", "vgg19"]);
  assert.equal(neighboursOf(cards, "lenet5")?.before, undefined);
  assert.equal(neighboursOf(cards, "efficientnet_lite2")?.after, undefined);
  assert.equal(neighboursOf(cards, "nonsense"), null);
  const [first, second] = ["resnet18", "resnet34"].map((id) => cards.find((card) => card.id === id));
  assert.deepEqual([nameBehind(first, undefined), nameBehind(second, first)], ["ResNet-18", "34"]);
  assert.equal(nameBehind(first, before), "ResNet-18");
});

test("an answer counts in top-1, in top-5, or in neither", () => {
  const predictions = [["espresso", 967, 0.953], ["cup", 968, 0.02], ["eggnog", 969, 0.01], ["mug", 504, 0.005], ["bowl", 809, 0.001]].map(([label, index, probability]) => ({ label, index, probability }));
  assert.match(question("Lite0", predictions), /first guess is “espresso” \(95\.3\s%\).* one of these five, .* right in top-5; in top-1 only/);
  assert.equal(verdict(predictions, 967), "“espresso” is the first guess: right in top-1, and therefore in top-5 too.");
  assert.equal(verdict(predictions, 969), "“eggnog” is the third guess: right in top-5, an error in top-1.");
  for (const index of [null, 1]) assert.match(verdict(predictions, index), /an error in top-1, and in top-5 too/);
  const card = (/** @type {string} */ id) => cards.find((card) => card.id === id);
  has(record(card("vgg16")), "50,000 validation photos", "71.6 %", "28.4 %", "90.4 %", "top-5 error of 9.6 %");
  has(record(card("efficientnet_lite0")), "24.9 %", "Its top-5 accuracy is not published");
  has(record(card("lenet5")), "MNIST's test digits", "0.6 %");
  has(challenge(1000).text, "1.28 million photos of 1,000 classes", "50,000", "2010 to 2017", "5.1 %", "1,500");
  assert.equal(CHALLENGE.guesses, predictions.length);
});
