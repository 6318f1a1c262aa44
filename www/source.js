// @ts-check
import { fetchPhoto, frameOfDrawing, frameOfMoment, frameOfVideo, listCameras } from "./camera.js";
import { openWanted, rememberCamera, rememberedCamera } from "./cameraChoice.js";
import { LiveCamera, stopStream } from "./liveCamera.js";
import { openHere } from "./pictureFiles.js";
import { photoUrl } from "./photo.js";
import { alteredPixels } from "./pixels.js";
import { withoutRates } from "./pure/answers.js";
import { SHARPEST, drawStrokes } from "./pure/canvas.js";
import { Failure, sentenceOf } from "./pure/failure.js";
import { isBlank, isLive, sourceText } from "./pure/source.js";
import { notice, setProblem, state, update } from "./state.js";
import { NoAnswer, within } from "./within.js";

/**
 * @typedef {import("../pkg/convscope.js").Frame} Frame
 * @typedef {import("./cameraChoice.js").CameraChoice} CameraChoice
 * @typedef {import("./pictureFiles.js").Opened} Opened
 * @typedef {import("./pictureFiles.js").OpenPicture} OpenPicture
 * @typedef {import("./pure/canvas.js").Point} Point
 * @typedef {import("./pure/source.js").Source} Source
 * @typedef {import("./state.js").Card} Card
 */

const FIRST_PICTURE = 4000; // milliseconds: a camera's first picture comes in less than two seconds

/** The source of the pictures: the camera, a file, a sample or a drawing. If a source cannot be opened, the one before it stays. */
export class PictureSource {
  #video;
  #onPicture;
  #defaultOf;
  /** @type {OpenPicture} */
  #openFile = openHere;
  /** The visitor's own file that was opened last. @type {Blob | undefined} */
  #own;
  /** @type {Opened | null} */
  #photo = null;
  /** What the camera saw when it was held. @type {ImageBitmap | null} */
  #moment = null;
  /** @type {LiveCamera | null} */
  #camera = null;
  #wanted = rememberedCamera();
  #pad = document.createElement("canvas");
  #filmed = 0;
  #latest = 0;
  /** The ticket of the source that is being opened; 0 where none is. */
  #opening = 0;
  #resting = false;

  /**
   * @param {HTMLVideoElement} video that shows the camera
   * @param {() => void} onPicture called when there is something new to look at; a live source is asked for more
   * @param {() => Source | null} defaultOf what to show where a source cannot be had
   */
  constructor(video, onPicture, defaultOf) {
    this.#video = video;
    this.#onPicture = onPicture;
    this.#defaultOf = defaultOf;
  }

  /** @param {OpenPicture} openFile opens picture files from now on */
  openWith(openFile) {
    this.#openFile = openFile;
  }

  /**
   * @param {Card} card of the network that is to see it
   * @returns {Promise<Frame | null>} null where there is nothing to see
   */
  async pull({ frame: { side } }) {
    switch (state.source?.kind) {
      case "camera":
        if (this.#moment) return frameOfMoment(this.#moment, side);
        return this.#camera && frameOfVideo(this.#video, side);
      case "drawing":
        if (!state.strokes.length) return null;
        this.#pad.width = this.#pad.height = side;
        drawStrokes(this.#pad, state.strokes);
        return frameOfDrawing(this.#pad);
      case "sample":
      case "file":
        return this.#photo && copyOf(this.#photo);
      default:
        return null;
    }
  }

  /** Whether a source is shown, or is about to be. */
  get isThere() {
    return state.source !== null || this.#opening > 0;
  }

  /** The number of pictures that a camera has shown. */
  get filmed() {
    return this.#filmed;
  }

  /** Waits for the camera's next picture. @returns {Promise<boolean>} false: there is none */
  async next() {
    return (await this.#camera?.next()) ?? false;
  }

  /**
   * @param {Source} source
   * @param {Blob} [file] the content of a file; where it is missing, that of the file before
   */
  async show(source, file) {
    const ticket = ++this.#latest;
    const isWanted = () => ticket === this.#latest;
    this.#opening = ticket;
    setProblem("source", null);
    try {
      if (source.kind === "camera") await this.#startCamera(isWanted);
      else if (source.kind !== "drawing") await this.#openPhoto(source, file, isWanted);
      if (!isWanted()) return;
      if (source.kind !== "camera") this.#endCamera();
      this.#dropMoment();
      setProblem("frame", null);
      const isPhoto = source.kind === "sample" || source.kind === "file";
      this.#changed({ source, held: false, still: isPhoto ? (this.#photo?.square ?? null) : null });
    } catch (error) {
      if (!isWanted()) return;
      const retry = source.kind === "file" ? null : () => void this.show(source);
      const stays = state.source && (state.source.kind !== "camera" || this.#camera);
      if (!stays) await this.#fallBack(source);
      setProblem("source", { text: sentenceOf(error), retry });
    } finally {
      if (this.#opening === ticket) this.#opening = 0;
    }
  }

  /** Records that the source has changed, or that its picture was held or released, and wakes the looker. @param {Partial<import("./state.js").State>} patch */
  #changed(patch) {
    const picture = state.picture + 1;
    update({ ...patch, picture, sourceSince: picture });
    this.#onPicture();
  }

  /** Has the networks look at the same picture once more. */
  again() {
    update({ picture: state.picture + 1 });
    this.#onPicture();
  }

  /** @param {Point[][]} strokes */
  draw(strokes) {
    update({ strokes });
    if (state.source?.kind !== "drawing") return;
    if (isBlank(state)) this.#changed({ answers: {} });
    else this.again();
  }

  /** Holds the picture that the camera shows now. */
  async hold() {
    if (!isLive(state) || !this.#camera || !this.#video.videoWidth) return;
    const ticket = this.#latest;
    const seen = await createImageBitmap(this.#video);
    if (ticket !== this.#latest || !isLive(state)) return seen.close(); // another source has been chosen meanwhile
    this.#dropMoment();
    this.#moment = seen;
    this.#changed({ held: true, still: seen });
  }

  /** Lets the camera go on. */
  release() {
    if (!state.held) return;
    if (!this.#camera && !this.#isResting) return void this.show({ kind: "camera" });
    this.#dropMoment();
    this.#changed({ held: false, still: null });
  }

  #dropMoment() {
    this.#moment?.close();
    this.#moment = null;
  }

  /** @param {Source} failed */
  async #fallBack(failed) {
    const next = this.#defaultOf();
    update({ source: null, still: null });
    if (next && sourceText(next) !== sourceText(failed)) await this.show(next);
  }

  /**
   * @param {Source & { kind: "sample" | "file" }} source
   * @param {Blob | undefined} file
   * @param {() => boolean} isWanted
   */
  async #openPhoto(source, file, isWanted) {
    const own = file ?? this.#own;
    const next = source.kind === "sample" ? await this.#openSample(source.id) : await this.#openFile(/** @type {Blob} */ (own), source.name, SHARPEST);
    if (!isWanted()) return next.square?.close();
    if (source.kind === "file") this.#own = own;
    this.#photo?.square?.close();
    this.#photo = next;
  }

  /** @param {string} id */
  async #openSample(id) {
    const sample = state.samples.find((other) => other.id === id);
    if (!sample) throw new Failure("unknown-sample", `There is no sample photo “${id}”. Choose one of those below.`);
    return this.#openFile(await fetchPhoto(photoUrl(id), sample.title), sample.title, SHARPEST);
  }

  /** @param {() => boolean} isWanted */
  async #startCamera(isWanted) {
    if (this.#isResting) return;
    this.#endCamera(); // a phone cannot open its second camera while the first runs
    const { stream, instead } = await openWanted(this.#wanted);
    if (!isWanted()) return stopStream(stream);
    this.#video.srcObject = stream;
    this.#camera = new LiveCamera(this.#video, stream, {
      onPicture: () => this.#filmed++,
      onInterrupted: (interrupted) => update({ interrupted, answers: withoutRates(state.answers) }),
      onGone: () => this.#cameraGone(),
    });
    const playing = this.#video.play().catch((error) => {
      if (isWanted()) throw error;
    });
    // It does not play before there is a picture, which a camera without a signal never gives: then it is shown as one that is interrupted.
    if (stream.getVideoTracks()[0]?.muted) playing.catch(() => {});
    else await within(FIRST_PICTURE, playing).catch((error) => {
      if (!(error instanceof NoAnswer)) throw error;
    });
    if (instead) notice(instead);
    const { deviceId = "", facingMode } = stream.getVideoTracks()[0]?.getSettings?.() ?? {};
    update({ camera: deviceId, facing: facingMode === "user" || facingMode === "environment" ? facingMode : null, cameras: await listCameras() });
    navigator.mediaDevices.ondevicechange = async () => update({ cameras: await listCameras() });
  }

  #endCamera() {
    this.#camera?.end();
    this.#camera = null;
    if (state.interrupted) update({ interrupted: false });
  }

  /** Shows the camera that the visitor has chosen, now and at later visits. @param {CameraChoice} choice */
  chooseCamera(choice) {
    this.#wanted = choice;
    rememberCamera(choice);
    return this.show({ kind: "camera" });
  }

  async #cameraGone() {
    this.#endCamera();
    if (!state.held) await this.#fallBack({ kind: "camera" }); // a picture that is held stays
    setProblem("source", { text: "The camera was disconnected, or another program has taken it away. Connect it or close that program, then try again.", retry: () => void this.show({ kind: "camera" }) });
  }

  /** @param {boolean} resting the camera rests while nothing looks through it */
  rest(resting) {
    if (resting === this.#resting) return;
    this.#resting = resting;
    this.#restOrGoOn();
  }

  /** The camera rests while nobody sees the page. */
  followVisibility() {
    document.addEventListener("visibilitychange", () => this.#restOrGoOn());
  }

  get #isResting() {
    return document.hidden || this.#resting;
  }

  #restOrGoOn() {
    if (state.source?.kind !== "camera") return;
    if (this.#isResting) {
      this.#latest++; // ends the opening of a camera as well
      this.#endCamera();
    } else if (!state.held) {
      this.show({ kind: "camera" });
    }
  }
}

/**
 * The engine borrows a frame's array, so that it gets a copy.
 * @param {Opened} photo
 * @returns {Frame}
 */
function copyOf({ frame }) {
  if (!frame) throw alteredPixels();
  return { ...frame, data: frame.data.slice() };
}
