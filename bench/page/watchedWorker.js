// @ts-check
// The page's own worker, which also tells what it has taken of the browser.
import "./watch.js";
import "../../www/worker.js";
