// @ts-check

/**
 * What the stories say that no graph and no card knows: numbers from papers and from the challenge's pages of results, each with
 * the page that it is from. Shares are between 0 and 1.
 *
 * @typedef {{ text: string, href: string }} Source
 */

/** @type {Record<"challenge" | "results2012" | "results2014" | "results2015" | "survey" | "squeeze" | "lite", Source>} */
export const SOURCES = {
  challenge: { text: "the challenge's pages", href: "https://image-net.org/challenges/LSVRC/" },
  results2012: { text: "results of 2012", href: "https://image-net.org/challenges/LSVRC/2012/results.html" },
  results2014: { text: "results of 2014", href: "https://image-net.org/challenges/LSVRC/2014/results" },
  results2015: { text: "results of 2015", href: "https://image-net.org/challenges/LSVRC/2015/results" },
  survey: { text: "Russakovsky et al. 2015", href: "https://arxiv.org/abs/1409.0575" },
  squeeze: { text: "Hu et al. 2017", href: "https://arxiv.org/abs/1709.01507" },
  lite: { text: "Google's announcement", href: "https://blog.tensorflow.org/2020/03/higher-accuracy-on-vision-models-with-efficientnet-lite.html" },
};

/** The ImageNet Large Scale Visual Recognition Challenge. Photos and the human estimate: Russakovsky et al., tables 2 and 9. */
export const CHALLENGE = { first: 2010, last: 2017, training: 1_281_167, validation: 50_000, guesses: 5, humanError: 0.051, humanPhotos: 1500 };

/** Top-5 errors on the challenge's test photos, of several networks that voted. @type {Record<"alexnet" | "secondOf2012" | "vgg" | "googlenet" | "resnet", number>} */
export const TEST_ERRORS = { alexnet: 0.15315, secondOf2012: 0.26172, vgg: 0.07325, googlenet: 0.06656, resnet: 0.03567 };

/** What papers say of their own networks. */
export const PAPERS = {
  /** LeCun et al. 1998: parameters; test error, and test error with distorted training digits; maps of C3, and how many maps of S2 each of them sees (table I). */
  lenet: { parameters: 60_000, error: 0.0095, errorDistorted: 0.008, table: [{ maps: 6, sees: 3 }, { maps: 9, sees: 4 }, { maps: 1, sees: 6 }] },
  /** Krizhevsky et al. 2012: side of the input in figure 2, in pixels; graphics cards; share of the values that dropout sets to zero. */
  alexnet: { side: 224, cards: 2, dropped: 0.5 },
  /** Szegedy et al. 2014: how many times fewer parameters than AlexNet it claims. */
  googlenet: { fewer: 12 },
  /** He et al. 2015: layers of the deepest networks that won. */
  resnet: { deepest: 152 },
};
