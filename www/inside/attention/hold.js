// @ts-check
import { subscribe } from "../../state.js";
import { isSeen } from "./pure/subject.js";

/**
 * Lets the camera go on when the tab in which its picture was paused is left: the others have no button for it.
 * @param {Pick<import("../../source.js").PictureSource, "release">} source
 * @returns {() => void} ends it
 */
export function followHold(source) {
  const before = { isSeen: false };
  return subscribe((state) => {
    const isLeft = before.isSeen && !isSeen(state);
    before.isSeen = isSeen(state);
    if (isLeft && state.view === "inside") source.release();
  });
}
