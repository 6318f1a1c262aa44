// @ts-check

/**
 * Buttons that keep the keyboard's focus while they cannot be used: a browser takes it from a button that is disabled, and
 * whoever has no pointer would have to find the way back from the top of the page.
 */

/**
 * @param {HTMLButtonElement} button
 * @param {boolean} isUsable
 */
export function setUsable(button, isUsable) {
  if (isUsable !== canUse(button)) button.setAttribute("aria-disabled", String(!isUsable));
}

/**
 * @param {HTMLButtonElement} button
 * @param {() => void} onClick called where the button can be used
 */
export function onUse(button, onClick) {
  button.addEventListener("click", () => canUse(button) && onClick());
}

/** @param {HTMLButtonElement} button */
const canUse = (button) => button.getAttribute("aria-disabled") !== "true";
