// @ts-check

/** Sizes in the diagram's own unit, one CSS pixel where it is not zoomed. The layouts of the blocks are made with them. */

/** A layer within a block. */
export const LAYER = { width: 104, height: 42 };
/** An addition or a scaling within a block: a circle with its sign. */
export const JOIN = { width: 24, height: 24 };
/** A concatenation within a block: a bar beneath what it joins, at least this wide. */
export const CONCATENATION = { width: 104, height: 26 };
/** Between layers of a block, one beneath the other and side by side. */
export const BETWEEN = { ranks: 22, branches: 14 };

/** A closed block, a layer that stands alone, and the title of an open block. */
export const ROW = { width: 300, height: 46 };
/** The same of an auxiliary head, which hangs beside the line of the network. */
export const SIDE_ROW = { width: 190, height: 46 };
/** Between the line of the network and an auxiliary head. */
export const SIDE = 26;
/** Between one row and the next one. */
export const GAP = 22;
/** Within the frame of an open block. */
export const PADDING = 14;
/** The names of the network's input and of its outputs. */
export const TERMINAL = { width: 190, height: 28 };
/** Where the sizes of the feature maps are written, left of the rows. */
export const MARGIN = 86;
