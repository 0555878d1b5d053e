/** What jsdom leaves out of a browser and every call needs, and how long is waited. */
if ('HTMLMediaElement' in globalThis) {
  // However slow the machine is: what is waited for comes, or the test's own limit ends it.
  const { configure } = await import('@testing-library/dom');
  configure({ asyncUtilTimeout: 40_000 });
  HTMLMediaElement.prototype.play = () => Promise.resolve();
  HTMLMediaElement.prototype.pause = () => undefined;
  HTMLMediaElement.prototype.load = () => undefined;

  class FakeStream {
    readonly #tracks: readonly MediaStreamTrack[];
    constructor(tracks: readonly MediaStreamTrack[] = []) {
      this.#tracks = tracks;
    }
    getTracks(): MediaStreamTrack[] {
      return [...this.#tracks];
    }
  }
  Object.assign(globalThis, { MediaStream: FakeStream });
}

export {};
