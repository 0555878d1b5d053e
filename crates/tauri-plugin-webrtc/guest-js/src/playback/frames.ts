/**
 * The callbacks of `requestVideoFrameCallback` (WICG video-rvfc). They belong to the element and
 * wait for the next picture of whatever it shows then.
 */
export class FrameRequests {
  #waiting = new Map<number, VideoFrameRequestCallback>();
  /** Of the picture that is being told. */
  #due = new Map<number, VideoFrameRequestCallback>();
  #nextHandle = 1;

  get pending(): boolean {
    return this.#waiting.size > 0;
  }

  request(callback: VideoFrameRequestCallback): number {
    const handle = this.#nextHandle++;
    this.#waiting.set(handle, callback);
    return handle;
  }

  /** Also one whose turn would come for the picture that is being told. */
  cancel(handle: number): void {
    this.#waiting.delete(handle);
    this.#due.delete(handle);
  }

  /** A picture is shown. */
  run(now: number, metadata: VideoFrameCallbackMetadata): void {
    this.#due = this.#waiting;
    this.#waiting = new Map();
    for (const callback of this.#due.values()) {
      try {
        callback(now, metadata);
      } catch (error) {
        reportError(error);
      }
    }
    this.#due.clear();
  }
}

const requests = new WeakMap<HTMLMediaElement, FrameRequests>();

/** The callbacks of an element. */
export function framesOf(element: HTMLMediaElement): FrameRequests {
  let frames = requests.get(element);
  if (!frames) {
    frames = new FrameRequests();
    requests.set(element, frames);
  }
  return frames;
}
