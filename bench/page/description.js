// @ts-check
/**
 * A network as `convert onnx` describes it in `<id>.json` (src/convert/export/onnx.rs).
 *
 * @typedef {{ channels: number, height: number, width: number }} Shape
 * @typedef {{ offset: number, length: number, shape: number[] }} Extent
 * One of ONNX's operators, applied to each element. @typedef {{ op_type: string, reads: ActivationOperand[] }} ActivationStep
 * The function's argument, the result of the step before, or a constant. @typedef {"Argument" | "Previous" | { Constant: number }} ActivationOperand
 *
 * @typedef {object} Layer
 * @property {string} name
 * @property {string | Record<string, any>} op its kind, with parameters where it has any
 * @property {string} activation the activation function's name
 * @property {ActivationStep[]} activation_steps the activation function in ONNX's operators
 * @property {number} value the value it makes; the input is 0
 * @property {number[]} inputs the values it reads
 * @property {Shape} output
 * @property {[number, number, number, number]} pads top, left, bottom, right
 * @property {Record<string, Extent>} tensors
 *
 * @typedef {object} Description
 * @property {string} id
 * @property {string} name
 * @property {number} macs
 * @property {Shape} input
 * @property {number[]} mean
 * @property {number[]} std
 * @property {number | null} seed of random weights
 * @property {string[]} shards
 * @property {Layer[]} layers
 */
export {};
