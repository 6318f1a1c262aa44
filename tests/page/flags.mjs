// @ts-check

/** Flags for a browser that asks nothing and loads nothing by itself. */
export const QUIET = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"];
/** Flags for a camera of the browser's own making, which it gives unasked. */
export const FAKE_CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"];
/** Flags for WebGPU without a graphics card. */
export const SOFTWARE_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
