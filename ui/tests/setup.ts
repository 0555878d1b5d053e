/** What jsdom leaves out of a browser and every call needs. */
if ('HTMLMediaElement' in globalThis) {
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
