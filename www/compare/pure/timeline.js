// @ts-check

/**
 * ImageNet's yearly challenge: the best entries' top-5 error in percent on the test set, trained without outside data.
 * Most entries are ensembles of several networks on several crops, so the networks here do worse, one by one.
 *
 * Sources: for 2010 to 2014 and for the human level Russakovsky et al., "ImageNet Large Scale Visual Recognition
 * Challenge", 2015, arXiv:1409.0575; for 2015 He et al., arXiv:1512.03385; for 2016 the challenge's results page,
 * image-net.org/challenges/LSVRC/2016/results; for 2017 Hu, Shen & Sun, arXiv:1709.01507.
 *
 * @typedef {{ year: number, team: string, error: number, winner: boolean, deep: boolean, source: string, family?: string }} Entry family: how the ids of its networks here begin
 */

const RUSSAKOVSKY = "Russakovsky et al. 2015";

/** @type {Entry[]} */
export const ENTRIES = [
  { year: 2010, team: "NEC-UIUC", error: 28.2, winner: true, deep: false, source: RUSSAKOVSKY },
  { year: 2011, team: "XRCE", error: 25.8, winner: true, deep: false, source: RUSSAKOVSKY },
  { year: 2012, team: "AlexNet", error: 16.4, winner: true, deep: true, source: RUSSAKOVSKY, family: "alexnet" },
  { year: 2013, team: "Clarifai", error: 11.7, winner: true, deep: true, source: RUSSAKOVSKY },
  { year: 2014, team: "VGG", error: 7.3, winner: false, deep: true, source: RUSSAKOVSKY, family: "vgg" },
  { year: 2014, team: "GoogLeNet", error: 6.7, winner: true, deep: true, source: RUSSAKOVSKY, family: "googlenet" },
  { year: 2015, team: "ResNet", error: 3.57, winner: true, deep: true, source: "He et al. 2015", family: "resnet" },
  { year: 2016, team: "Trimps-Soushen", error: 2.99, winner: true, deep: true, source: "the challenge's results page, 2016" },
  { year: 2017, team: "SENet", error: 2.25, winner: true, deep: true, source: "Hu et al. 2017" },
];

/** What a trained human reached on the same pictures. */
export const HUMAN = { error: 5.1, source: RUSSAKOVSKY };

/**
 * The year in which a network's family took part.
 * @param {string} network its id
 */
export const yearOf = (network) => ENTRIES.find(({ family }) => family && network.startsWith(family))?.year;

/**
 * Why a network has no place in the challenge.
 * @param {string} network its id, of a family that did not take part
 */
export const absenceOf = (network) => (network === "lenet5" ? "which is older than the challenge and reads digits" : "not entered in the challenge");
