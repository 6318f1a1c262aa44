// @ts-check

/**
 * Files that the visitor drops or pastes anywhere on the page. This module stands alone, so that it listens as soon as the page is
 * seen: the browser would open a file that is dropped earlier in place of the page. What is given early is kept until it is taken.
 *
 * @typedef {object} Given
 * @property {File[]} files one of them can be a folder, of which its entry tells
 * @property {(FileSystemEntry | null)[]} entries of a drop, one for each file where the browser tells them
 * @property {boolean} isDrop else it was pasted
 */

/** @type {Given[]} */
const early = [];
/** @type {{ take: (given: Given) => unknown }} */
const taker = { take: (given) => early.push(given) };

/**
 * Takes what was given until now, and what will be.
 * @param {(given: Given) => unknown} onGiven
 */
export function takeGivenFiles(onGiven) {
  taker.take = onGiven;
  for (const given of early.splice(0)) onGiven(given);
}

/** Whether files were given that nobody has taken yet. */
export const areFilesWaiting = () => early.some(({ files }) => files.length > 0);

addEventListener("dragover", (event) => {
  if (isTextForField(event)) return;
  event.preventDefault();
  document.body.classList.add("dropping");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
addEventListener("drop", (event) => {
  document.body.classList.remove("dropping");
  if (isTextForField(event)) return;
  event.preventDefault();
  taker.take(readNow(event.dataTransfer, true));
});
addEventListener("paste", ({ clipboardData, target }) => {
  if (!isForField(target, clipboardData)) taker.take(readNow(clipboardData, false));
});

/** Whether a text is dragged into a field. A file's path can come as text beside the file. @param {DragEvent} event */
const isTextForField = ({ target, dataTransfer }) => isForField(target, dataTransfer) && !dataTransfer?.types.includes("Files");

/**
 * Whether something belongs to the text field that it goes to: a text does, also one that comes with its picture.
 * @param {EventTarget | null} target
 * @param {DataTransfer | null} data
 */
function isForField(target, data) {
  const isField = target instanceof HTMLElement && target.matches("textarea, input:not([type=checkbox], [type=radio], [type=range], [type=file])");
  return isField && Boolean(data?.types.includes("text/plain"));
}

/**
 * @param {DataTransfer | null} data which is empty when its event has ended
 * @param {boolean} isDrop
 * @returns {Given}
 */
function readNow(data, isDrop) {
  const entries = isDrop && data ? [...data.items].filter(({ kind }) => kind === "file").map(entryOf) : [];
  return { files: [...(data?.files ?? [])], entries, isDrop };
}

/** @param {DataTransferItem} item */
function entryOf(item) {
  try {
    return item.webkitGetAsEntry?.() ?? null;
  } catch {
    return null; // it is taken for a file
  }
}
