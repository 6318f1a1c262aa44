// @ts-check
// Not a module, so that it runs where the modules of the page do not come or are not understood: then nothing else could say so.
// It keeps to what browsers of 2015 know, apart from being checked for types.
(function () {
  var text = document.getElementById("not-started");
  /** What the page's modules take for granted. The last two tell Chrome 103 and Safari 16.4 from those before them. */
  var isNew = "noModule" in HTMLScriptElement.prototype && "at" in Array.prototype && "hasOwn" in Object && "throwIfAborted" in AbortSignal.prototype && "timeout" in AbortSignal && "CompressionStream" in window;
  if (!isNew) fail("This browser is too old for the page, which may stop or stay empty. Chrome and Edge can show it from version 103, Firefox from version 114, Safari from version 16.4: open it in a newer browser. If this is one, ", true);
  // `(func (result v128) (i8x16.popcnt (i8x16.splat (i32.const 0))))`
  var simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  if (!("WebAssembly" in window && WebAssembly.validate(new Uint8Array(simd)))) fail("This browser runs no WebAssembly with SIMD, with which the page computes. Safari's Lockdown Mode and some strict settings switch it off, and very old processors have none: allow it for this site, or open the page in another browser. Then ", true);

  addEventListener(
    "error",
    function (event) {
      var script = event.target;
      if (!(script instanceof HTMLScriptElement) || script.type !== "module") return;
      fail("A part of the page could not be downloaded, so that it did not start. Check the connection, then ", false);
    },
    true // an element's error does not bubble
  );

  /**
   * @param {string} words before the link that loads the page again
   * @param {boolean} stays also where the page starts, which then may not work
   */
  function fail(words, stays) {
    if (!text || !text.isConnected || text.className.indexOf("failed") >= 0) return; // the page has started without it, or it is told already
    text.className += " failed";
    if (stays) text.removeAttribute("id"); // by which the page finds it, to take it away as soon as it starts
    var link = text.querySelector("a");
    if (link) link.addEventListener("click", reload);
    var paragraph = text.querySelector("p");
    if (paragraph && paragraph.firstChild) paragraph.firstChild.nodeValue = words;
  }

  /** @param {Event} click */
  function reload(click) {
    click.preventDefault();
    location.reload(); // the link alone would drop what stands behind the address's “#”
  }
})();
