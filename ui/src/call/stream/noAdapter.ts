/** In the place of `webrtc-adapter`, which the SDK imports for its effects: see vite.config.ts. */
export {};
