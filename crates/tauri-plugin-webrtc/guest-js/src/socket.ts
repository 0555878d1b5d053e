/**
 * What SDKs meet on WebKitGTK beside WebRTC: a `WebSocket` whose other end said goodbye and then reset the
 * connection fires `error` before a `close` with the goodbye's code (measured with 2.50; other browsers fire
 * one of the two). LiveKit's SDK then closes a stream that has failed already, which throws.
 */

/** RFC 6455, section 7.1.5: the connection was lost without a goodbye. */
const ABNORMAL = 1006;

/** Lets an `error` through only where nothing was said before the connection was lost. */
export function patchSockets(scope: { WebSocket: typeof globalThis.WebSocket }): void {
  const Native = scope.WebSocket;
  scope.WebSocket = class WebSocket extends Native {
    constructor(...init: ConstructorParameters<typeof Native>) {
      super(...init);
      let failed = false;
      let passedOn = false;
      this.addEventListener('error', (event) => {
        if (passedOn) return;
        // What it was, the event that always follows says.
        event.stopImmediatePropagation();
        failed = true;
      });
      this.addEventListener('close', ({ code }) => {
        if (!failed || code !== ABNORMAL) return;
        passedOn = true;
        this.dispatchEvent(new Event('error'));
      });
    }
  };
}
