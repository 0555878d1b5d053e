/** Whether this build has Stream's SDK: see vite.config.ts. */
declare const STREAM_INSTALLED: boolean;
