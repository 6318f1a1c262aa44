// @ts-check
// Not a module, so that it runs where the modules of the page do not come: then nothing else could say so.
addEventListener(
  "error",
  (event) => {
    if (!(event.target instanceof HTMLScriptElement) || event.target.type !== "module") return;
    const text = document.getElementById("not-started");
    if (!text) return; // the page has started without it
    text.classList.add("failed");
    text.querySelector("a")?.addEventListener("click", (click) => {
      click.preventDefault();
      location.reload(); // the link alone would drop what stands behind the address's “#”
    });
    text.querySelector("p")?.firstChild?.replaceWith("A part of the page could not be downloaded, so that it did not start. Check the connection, then ");
  },
  true, // an element's error does not bubble
);
