// @ts-check

/** @typedef {{ parts: [number, number][], paint: (from: number, to: number) => void }} Painting in parts, see slices */

/** Paints in parts, and gives the page's thread back between them. What is begun is finished; of what waits, the newest is painted. */
export class Painter {
  /** @type {Painting | null} */
  #next = null;
  #isPainting = false;

  /** @param {Painting} painting */
  async paint(painting) {
    this.#next = painting;
    if (this.#isPainting) return;
    this.#isPainting = true;
    for (let current = this.#take(); current; current = this.#take()) {
      for (const [from, to] of current.parts) {
        current.paint(from, to);
        await new Promise((/** @type {(value: void) => void} */ resolve) => setTimeout(resolve));
      }
    }
    this.#isPainting = false;
  }

  #take() {
    const next = this.#next;
    this.#next = null;
    return next;
  }
}
