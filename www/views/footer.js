// @ts-check

/**
 * The links below every view, and those to the glossary. What they lead to opens over the view, so that nothing in it ends.
 * @param {(section: string) => void} onChosen
 */
export function showFooter(onChosen) {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-about]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return; // into another tab
    event.preventDefault();
    onChosen(link.dataset.about ?? "");
  });
}
