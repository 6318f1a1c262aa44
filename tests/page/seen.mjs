// What a visitor sees of a page, as functions that run on the page: pass them to `evaluate`.

/** Gives the page the functions below, as `seen`. @param {import("playwright-core").Page} page */
export function look(page) {
  return page.evaluate(() => {
    const visible = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 0 && !element.closest(".unseen");
    const name = (element) => `${element.localName}${element.id ? `#${element.id}` : ""}${element.classList.length ? `.${[...element.classList].join(".")}` : ""} “${(element.ariaLabel ?? element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40)}”`;

    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    /** Paints colours over one another and returns what comes out. */
    const mix = (...colours) => {
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colours) => {
      const [r, g, b] = mix(...colours).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    /** The colours behind an element, the farthest first; pictures behind it are not counted. */
    const grounds = (element) => {
      const colours = [];
      for (let one = element; one; one = one.parentElement) colours.unshift(getComputedStyle(one).backgroundColor);
      return ["Canvas", ...colours];
    };
    /** The contrast of an element's text with its ground, by the definition of WCAG 2. */
    const contrast = (element) => {
      const ground = grounds(element);
      const [lighter, darker] = [luminance(ground), luminance([...ground, getComputedStyle(element).color])].sort((a, b) => b - a);
      return (lighter + 0.05) / (darker + 0.05);
    };

    const CONTROLS = "a[href], button, select, summary, input, [role=button], [role=option]";
    /** What is pressed, followed or typed into; of a check box or a radio button what belongs to it. Links within a sentence are left out. */
    const controls = () => [...document.querySelectorAll(CONTROLS)]
      .filter((element) => visible(element) && !(element.localName === "a" && getComputedStyle(element).display === "inline"))
      .map((element) => (element.matches("[type=checkbox], [type=radio]") ? element.closest("label") ?? element : element));

    /** Texts that a box around them cuts off. */
    const cut = () => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const range = document.createRange();
      const found = new Set();
      while (texts.nextNode()) {
        const { currentNode: text } = texts;
        const parent = text.parentElement;
        if (!text.data.trim() || !visible(parent) || parent.closest("svg, select, .strip-blocks")) continue;
        range.selectNodeContents(text);
        const box = range.getBoundingClientRect();
        for (let around = parent; around && around !== document.body; around = around.parentElement) {
          const { overflowX, overflowY, textOverflow, display } = getComputedStyle(around);
          if (display === "inline") continue;
          if (overflowX === "auto" || overflowX === "scroll") break; // what is out of sight can be scrolled to
          const outer = around.getBoundingClientRect();
          const isWide = overflowX !== "visible" && textOverflow !== "ellipsis" && (box.left < outer.left - 1 || box.right > outer.right + 1);
          if (isWide || (overflowY !== "visible" && (box.top < outer.top - 2 || box.bottom > outer.bottom + 2))) found.add(name(around));
        }
      }
      return [...found];
    };

    /** Controls that something else lies on. */
    const covered = () => controls().filter((control) => {
      if (control.matches("option, [role=option], :disabled") || control.closest(".layer-scroll")) return false;
      control.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const { x, y, width, height } = control.getBoundingClientRect();
      const hit = document.elementFromPoint(x + width / 2, y + height / 2);
      return !hit || !(control.contains(hit) || hit.contains(control));
    }).map(name);

    globalThis.seen = { visible, name, contrast, controls, cut, covered, pageWidth: () => document.documentElement.scrollWidth };
  });
}
