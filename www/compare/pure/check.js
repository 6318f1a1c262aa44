// @ts-check

/**
 * Checks a value from a link against a JSON Schema. It knows the keywords that
 * results.schema.json uses and refuses others, and it runs no code made from the schema: the page's policy forbids that.
 *
 * @typedef {Record<string, any>} Schema
 */

const NOTES = new Set(["$schema", "$defs", "title", "description"]);

/** @type {Record<string, (value: any, argument: any, check: (value: unknown, schema: Schema, at: string) => string | null, at: string, schema: Schema) => string | null | boolean>} true: it holds */
const KEYWORDS = {
  type: (value, types) => [types].flat().some((type) => isOf(value, type)),
  const: (value, wanted) => value === wanted,
  enum: (value, wanted) => wanted.includes(value),
  minimum: (value, least) => typeof value !== "number" || value >= least,
  maximum: (value, most) => typeof value !== "number" || value <= most,
  maxLength: (value, most) => typeof value !== "string" || [...value].length <= most,
  pattern: (value, pattern) => typeof value !== "string" || new RegExp(pattern, "u").test(value),
  minItems: (value, least) => !Array.isArray(value) || value.length >= least,
  maxItems: (value, most) => !Array.isArray(value) || value.length <= most,
  required: (value, names) => !isOf(value, "object") || names.every((/** @type {string} */ name) => Object.hasOwn(value, name)),
  additionalProperties: (value, _, _check, _at, { properties }) => !isOf(value, "object") || Object.keys(value).every((name) => Object.hasOwn(properties, name)),
  items: (value, schema, check, at) => (Array.isArray(value) ? firstOf(value.map((item, i) => () => check(item, schema, `${at}/${i}`))) : null),
  properties: (value, schemas, check, at) =>
    isOf(value, "object") ? firstOf(Object.entries(schemas).map(([name, schema]) => () => (Object.hasOwn(value, name) ? check(value[name], schema, `${at}/${name}`) : null))) : null,
};

/**
 * @param {unknown} value as JSON.parse gives it
 * @param {Schema} root
 * @returns {string | null} where it fails, and on which keyword; null where it holds
 */
export function faultOf(value, root) {
  const check = (/** @type {unknown} */ value, /** @type {Schema} */ schema, /** @type {string} */ at) => {
    const { $ref, ...rest } = schema;
    const pointed = $ref === undefined ? {} : root.$defs[$ref.replace("#/$defs/", "")];
    for (const [keyword, argument] of [...Object.entries(pointed), ...Object.entries(rest)]) {
      if (NOTES.has(keyword)) continue;
      const rule = KEYWORDS[keyword];
      if (!rule) throw new Error(`check.js does not know the keyword ${keyword}.`);
      if (keyword === "additionalProperties" && argument !== false) throw new Error("check.js knows additionalProperties only as false.");
      const verdict = rule(value, argument, check, at, keyword in rest ? rest : pointed);
      if (typeof verdict === "string") return verdict;
      if (verdict === false) return `${at || "/"}: ${keyword}`;
    }
    return null;
  };
  return check(value, root, "");
}

/** @param {(() => string | null)[]} checks */
function firstOf(checks) {
  for (const check of checks) {
    const fault = check();
    if (fault) return fault;
  }
  return null;
}

/**
 * @param {unknown} value
 * @param {string} type
 */
function isOf(value, type) {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
